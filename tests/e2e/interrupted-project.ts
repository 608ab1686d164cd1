import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import type { Fault } from "../../rehearsal/providers/faults";
import { type Outcome, ProjectCopy } from "./support";

export interface KubernetesObject {
  kind: string;
  type?: string;
  data?: unknown;
  status?: unknown;
  metadata: Record<string, unknown> & { name: string; namespace?: string };
  spec?: Record<string, unknown>;
}
interface Checkpoint {
  checkpoint: { latest?: { resources?: unknown[]; pending_operations?: { resource: { urn: string } }[] } };
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

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(100);
}

export function kill(...pids: number[]): void {
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

interface Run {
  /** Of the rehearsal's own process. */
  pid: number;
  outcome: Promise<Outcome>;
}

/** A copy whose runs are killed, throttled and slowed down. */
export class InterruptedProject extends ProjectCopy {
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

  /** Undefined before the first one is written. */
  private checkpoint(stack: string): Checkpoint["checkpoint"]["latest"] {
    const file = join(this.rehearsal, "state", ".pulumi", "stacks", "omega", `${stack}.json`);
    if (!existsSync(file)) return undefined;
    return (JSON.parse(readFileSync(file, "utf8")) as Checkpoint).checkpoint.latest;
  }

  isPending(name: string, stack = "dev"): boolean {
    const pending = this.checkpoint(stack)?.pending_operations;
    return pending?.some(({ resource }) => resource.urn.endsWith(`::${name}`)) ?? false;
  }

  /** How many resources the state knows. */
  known(stack = "dev"): number {
    return this.checkpoint(stack)?.resources?.length ?? 0;
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

/** Ends of the commands of processes of a copy. */
export const engine = ".rehearsal/pulumi/cli/bin/pulumi";
export const providerOf = (packageName: string) => `rehearsal/providers/main.ts ${packageName}`;
