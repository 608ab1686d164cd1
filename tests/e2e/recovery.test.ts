import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import type { Fault } from "../../rehearsal/providers/faults";
import { type Outcome, ProjectCopy } from "./support";

jest.setTimeout(600_000);

interface KubernetesObject {
  kind: string;
  type?: string;
  data?: unknown;
  status?: unknown;
  metadata: Record<string, unknown> & { name: string; namespace?: string };
  spec?: Record<string, unknown>;
}
interface Checkpoint {
  checkpoint: { latest?: { pending_operations?: { resource: { urn: string } }[] } };
}

const namespaces = ["shop", "istio-system"];
const kinds = "ns,deploy,svc,hpa,pdb,netpol,sa,secret,configmap,destinationrule,peerauthentication,authorizationpolicy";
const assigned = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"];

/** What the cluster itself chose, or was told at another time, is left out. */
function normalised(object: KubernetesObject): KubernetesObject {
  const metadata = { ...object.metadata };
  for (const field of assigned) delete metadata[field];
  const spec = { ...object.spec };
  if (object.kind === "Service") for (const field of ["clusterIP", "clusterIPs"]) delete spec[field];
  // Helm's record says when the release was made.
  const data = object.type === "helm.sh/release.v1" ? undefined : object.data;
  return { ...object, metadata, spec, data, status: undefined };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(100);
}

function kill(...pids: number[]): void {
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

interface Run {
  /** Of the rehearsal's own process. */
  pid: number;
  outcome: Promise<Outcome>;
}

class InterruptedProject extends ProjectCopy {
  /** Starts `omega up` with these faults. */
  start(faults: Partial<Fault>[], stack = "dev"): Run {
    const file = join(this.root, "faults.yaml");
    writeFileSync(file, stringify(faults.map((fault) => ({ operation: "create", effect: "slow", ...fault }))));
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "rehearsal/cli.ts", "up", stack], {
      cwd: this.root,
      env: this.environment({ OMEGA_FAULTS: file }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
    const outcome = new Promise<Outcome>((resolve) =>
      child.on("close", (code) => resolve({ code: code ?? -1, output })),
    );
    if (child.pid === undefined) throw new Error("the rehearsal can't be started");
    return { pid: child.pid, outcome };
  }

  isPending(name: string, stack = "dev"): boolean {
    const file = join(this.rehearsal, "state", ".pulumi", "stacks", "omega", `${stack}.json`);
    if (!existsSync(file)) return false;
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as Checkpoint;
    return checkpoint.latest?.pending_operations?.some(({ resource }) => resource.urn.endsWith(`::${name}`)) ?? false;
  }

  /** Processes of this copy, by their commands; its control planes, which outlive a run, are none of them. */
  processes(command: string): number[] {
    const lines = execFileSync("ps", ["-A", "-o", "pid=,stat=,args="], { encoding: "utf8" }).split("\n");
    return lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, state, ...argv]) => !state?.startsWith("Z") && argv.join(" ").includes(join(this.root, command)))
      .map(([pid]) => Number(pid));
  }

  /** One process of this copy. */
  process(command: string): number {
    const [pid, ...others] = this.processes(command);
    if (pid === undefined || others.length > 0) throw new Error(`${others.length + Number(!!pid)} × ${command}`);
    return pid;
  }

  apiServer(): number {
    const file = join(this.rehearsal, "control-planes", "us-east", "processes.json");
    const { "kube-apiserver": recorded } = JSON.parse(readFileSync(file, "utf8")) as Record<string, { pid: number }>;
    if (recorded === undefined) throw new Error("there is no API server");
    return recorded.pid;
  }

  /** Everything in the stack's namespaces, once the pods are there. */
  async objects(): Promise<KubernetesObject[]> {
    const ready = ["--for=jsonpath={.status.availableReplicas}=3", "--timeout=120s"];
    await this.kubectl("-n", "shop", "wait", "deployment/catalog", ...ready);
    const { items } = await this.json<{ items: KubernetesObject[] }>("get", kinds, "-A");
    return items
      .filter(({ metadata: { name, namespace } }) => namespaces.includes(namespace ?? name))
      .map((object) => normalised(object));
  }

  made(...kind: string[]): string[] {
    const folder = join(this.rehearsal, "clouds", "aws", ...kind);
    return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  }
}

const deployment = { type: "kubernetes:apps/v1:Deployment", name: "catalog-deployment", milliseconds: 600_000 };
const service = { type: "kubernetes:core/v1:Service", name: "catalog-service", milliseconds: 600_000 };

const engine = ".rehearsal/pulumi/cli/bin/pulumi";
const providerOf = (packageName: string) => `rehearsal/providers/main.ts ${packageName}`;

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
  const project = new InterruptedProject().reduce(["cluster"], "prod");
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
