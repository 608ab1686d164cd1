import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProjectCopy, run } from "../support";

jest.setTimeout(600_000);

const regions = ["us-east", "eu-west", "ap-south", "ap-north"];

/** As if the stack had been updated: what the global one reads of a region, without four of their runs. */
const stateWith = (stack: string, outputs: object) => ({
  version: 3,
  deployment: {
    manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
    resources: [
      {
        urn: `urn:pulumi:${stack}::omega::pulumi:pulumi:Stack::omega-${stack}`,
        ...{ type: "pulumi:pulumi:Stack", custom: false, outputs },
      },
    ],
  },
});

/** The edge of four regions through the engine, Cloudflare simulated; the regions' own states are written by hand. */
describe("what stands before the regions", () => {
  const project = new ProjectCopy();
  afterAll(() => project.remove());

  const pulumi = (command: string) =>
    run("bash", ["-c", `eval "$(node --require tsx/cjs rehearsal/cli.ts env prod)" && ${command}`], {
      cwd: project.root,
      env: project.environment(),
    });
  const imported = async (region: string, outputs: object) => {
    const file = join(project.root, `${region}.json`);
    writeFileSync(file, JSON.stringify(stateWith(`prod-${region}`, outputs)));
    const stack = `prod-${region}`;
    const { code, output } = await pulumi(
      `(pulumi stack select ${stack} 2>/dev/null || pulumi stack init ${stack}) && pulumi stack import --stack ${stack} --file ${file}`,
    );
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  };
  /** Without the regions' own runs. */
  const omega = (command: string) => project.omega(command, { stack: "prod", environment: { OMEGA_REGIONS: "none" } });
  const preview = () => omega("preview");

  test("waits for a region that has no gateway yet, and names its stack", async () => {
    for (const region of regions)
      await imported(region, region === "eu-west" ? {} : { gateway: `${region}.elb.example` });
    const { code, output } = await preview();
    expect(output).toContain('without an output "gateway", so update them first: prod-eu-west');
    expect(code).toBe(1);
  });

  test("is made by what the regions' stacks say", async () => {
    await imported("eu-west", { gateway: "eu-west.elb.example" });
    const { code, output } = await omega("up");
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    for (const made of [
      "LoadBalancer edge-api.shop.example",
      "WorkersDeployment edge-deployment",
      "Ruleset edge-http-ratelimit",
    ]) {
      expect(output).toContain(`create ${made}`);
    }
    for (const region of regions) expect(output).toContain(`create LoadBalancerPool edge-${region}-pool`);
    expect(output).not.toContain("control plane");
  });

  test("stays as it is when nothing changes", async () => {
    const { code, output } = await omega("up");
    expect(output).not.toMatch(/^ {2}(create|update|replace|delete) /m);
    expect(code).toBe(0);
  });

  test("lets a region go by one line, and takes nothing else away", async () => {
    const undo = project.edit("Pulumi.prod.yaml", "plan: business", "plan: business\n    drained: [ap-south]");
    const { code, output } = await omega("up");
    undo();
    expect(code).toBe(0);
    expect(output).toMatch(/update LoadBalancer edge-api\.shop\.example .*defaultPools/);
    expect(output).not.toContain("Kept, because they hold data");
    expect(output).not.toMatch(/(create|replace|delete) (LoadBalancerPool|DnsRecord|LoadBalancer) /);
  });

  test("has default providers disabled: a resource without an explicit one is an error", async () => {
    const undo = project.edit(
      "stacks/edge.ts",
      'providers: [new cloudflare.Provider("cloudflare", {})]',
      "providers: []",
    );
    const { code, output } = await preview();
    undo();
    expect(output).toMatch(/R2Bucket assets-bucket: has no cloudflare provider, and the default one is disabled/);
    expect(code).toBe(1);
  });

  test("ends at a mistake inside an apply, and tells it", async () => {
    const mistake = '{ throw new pulumi.RunError("a mistake in an apply"); }';
    const undo = project.edit(
      "stacks/edge.ts",
      "assetsBucket: assets.bucketName,",
      `assetsBucket: assets.bucketName.apply((): string => ${mistake}),`,
    );
    const { code, output } = await preview();
    undo();
    expect(output).toContain("a mistake in an apply");
    expect(code).toBe(1);
  });

  test("refuses what doesn't go together, all of it at once", async () => {
    const undo = project.edit(
      "Pulumi.prod.yaml",
      "plan: business",
      "plan: business\n    drained: [us-west]\n    queuedPaths: [/nowhere]\n    deadlineMilliseconds: 5\n    clientCertificate: x",
    );
    const twice = project.edit("Pulumi.prod.yaml", "    queuedPaths: [/orders]\n", "");
    const { code, output } = await preview();
    twice();
    undo();
    for (const told of [
      'edge.drained[0]: "us-west" must be one of us-east, eu-west, ap-south, ap-north',
      'edge.queuedPaths[0]: "/nowhere" is no service\'s route',
      "edge.deadlineMilliseconds: is 5, must be a whole number from 1000 to 60000",
      "edgeClientKey: is missing, for edge.clientCertificate",
      "gateway.clientAuthority: is missing: nobody looks at edge.clientCertificate",
    ]) {
      expect(output).toContain(told);
    }
    expect(code).toBe(1);
  });
});
