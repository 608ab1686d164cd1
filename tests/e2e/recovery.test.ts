import { engine, InterruptedProject, kill, type KubernetesObject, providerOf, until } from "./interrupted-project";

jest.setTimeout(600_000);

const deployment = { type: "kubernetes:apps/v1:Deployment", name: "catalog-deployment", milliseconds: 600_000 };
const service = { type: "kubernetes:core/v1:Service", name: "catalog-service", milliseconds: 600_000 };

describe("after an update that was killed", () => {
  const project = new InterruptedProject().reduce();
  let undisturbed: KubernetesObject[];
  beforeAll(async () => {
    const { code, output } = await project.omega("up");
    if (code !== 0) throw new Error(output);
    undisturbed = await project.objects();
  });
  beforeEach(async () => {
    const { code, output } = await project.omega("down");
    if (code !== 0) throw new Error(output);
  });
  afterAll(() => project.remove());

  const expectRecovery = async () => {
    await until(() => project.processes("").length === 0);
    const { code, output } = await project.omega("up");
    expect(output).not.toContain("they may exist without the state knowing");
    expect(code).toBe(0);
    expect(await project.objects()).toEqual(undisturbed);
  };

  test("the engine, before the Deployment was made", async () => {
    const { outcome } = project.start([deployment]);
    await until(() => project.isPending("catalog-deployment"));
    kill(project.process(engine));
    const { code, output } = await outcome;
    expect(output).toContain("the engine was killed (SIGKILL)");
    expect(code).toBe(1);
    await expectRecovery();
  });

  test("the whole run, when the Service was made and nobody knew", async () => {
    const { pid, outcome } = project.start([{ ...service, afterWrite: true }]);
    await until(() => project.isPending("catalog-service"));
    await project.kubectl("-n", "shop", "wait", "svc/catalog", "--for=create", "--timeout=60s");
    kill(pid, project.process(engine));
    await outcome;
    await expectRecovery();
  });

  test("the provider, when the Deployment was made and nobody knew", async () => {
    const { outcome } = project.start([{ ...deployment, afterWrite: true }]);
    await until(() => project.isPending("catalog-deployment"));
    await project.kubectl("-n", "shop", "wait", "deploy/catalog", "--for=create", "--timeout=60s");
    kill(project.process(providerOf("kubernetes")));
    const { code, output } = await outcome;
    expect(output).toContain("failed Deployment catalog-deployment");
    expect(code).toBe(1);
    await expectRecovery();
  });

  test("the API server", async () => {
    const { outcome } = project.start([{ ...deployment, milliseconds: 10_000 }]);
    await until(() => project.isPending("catalog-deployment"));
    kill(project.apiServer());
    expect((await outcome).code).toBe(1);
    await expectRecovery();
  });

  test("Ctrl-C ends it cleanly; until then a second run is refused", async () => {
    const { pid, outcome } = project.start([deployment]);
    await until(() => project.isPending("catalog-deployment"));
    const second = await project.omega("up");
    expect(second.output).toContain(`another run is at work on stack dev (process ${project.process(engine)})`);
    expect(second.code).toBe(1);
    process.kill(pid, "SIGINT");
    const { code, output } = await outcome;
    expect(output).toContain("The update was cancelled");
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    await expectRecovery();
  });
});

describe("after the AWS provider was killed", () => {
  const project = new InterruptedProject().reduce(["cluster", "cost"], "prod");
  afterAll(() => project.remove());

  test("a role is found by its name; a VPC, which has its id from AWS, is listed with what to do about it", async () => {
    const stack = "prod-us-east";
    const held = ["aws:ec2/vpc:Vpc", "aws:iam/role:Role"].map((type) => ({ type, milliseconds: 600_000 }));
    const { outcome } = project.start(
      held.map((fault) => ({ ...fault, afterWrite: true })),
      stack,
    );
    const vpcs = () => project.made("us-east-1", "ec2", "vpc");
    const roles = () => project.made("global", "iam", "role");
    await until(() => vpcs().length === 1 && roles().length > 0);
    await until(() => project.isPending("us-east-vpc", stack));
    kill(project.process(providerOf("aws")));
    expect((await outcome).code).toBe(1);
    const known = roles();

    const { code, output } = await project.omega("up", { stack });
    const listed = output.split("Preview, with the policy pack")[0];
    expect(listed).toMatch(/aws:ec2\/vpc:Vpc us-east-vpc\n/);
    expect(listed).toMatch(/pulumi import .* --parent '\S+' --provider '\S+' aws:ec2\/vpc:Vpc us-east-vpc <id>/);
    expect(listed).toContain("aws ec2 delete-vpc --vpc-id <id> --region us-east-1");
    expect(listed).not.toContain("aws:iam/role:Role");
    expect(code).toBe(0);
    // A role that was made and not known would be refused: its name is taken.
    expect(roles()).toEqual(expect.arrayContaining(known));
    expect(vpcs()).toHaveLength(2);
    expect((await project.omega("preview", { stack })).output).not.toContain("without the state knowing");
  });
});
