import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { createOnce, readFileIfExists, writePrivateFile } from "../files";

const identity = z.object({ pid: z.int().positive(), startTime: z.string() });
const identities = z.record(z.string(), identity);

/** A process id alone may be reused by a stranger: with the start time it names one process. */
export type ProcessIdentity = z.infer<typeof identity>;

export interface ProcessDefinition {
  name: string;
  command: string;
  args: string[];
}

/** From a line of /proc/<pid>/stat; undefined for a zombie. The name, in brackets, may itself hold spaces and brackets. */
export function startTimeFromStat(stat: string): string | undefined {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? undefined : fields[18];
}

/** From `ps -o stat= -o lstart=`; undefined for a zombie. */
export function startTimeFromPs(line: string): string | undefined {
  const [state, ...started] = line.trim().split(/\s+/);
  return state?.startsWith("Z") || started.length === 0 ? undefined : started.join(" ");
}

export function processStartTime(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return startTimeFromStat(readFileIfExists(`/proc/${pid}/stat`) ?? "");
    const args = ["-o", "stat=", "-o", "lstart=", "-p", String(pid)];
    return startTimeFromPs(execFileSync("ps", args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } }));
  } catch {
    return undefined;
  }
}

export function isRunning(process: ProcessIdentity | undefined): boolean {
  return process !== undefined && processStartTime(process.pid) === process.startTime;
}

async function ended(process: ProcessIdentity, milliseconds: number): Promise<boolean> {
  for (const deadline = Date.now() + milliseconds; isRunning(process); await sleep(50)) {
    if (Date.now() > deadline) return false;
  }
  return true;
}

/**
 * One process at a time; the others wait, and give up with who holds it.
 *
 * @param seconds to wait, for a start of a control plane by default
 */
export async function withLock<Result>(file: string, action: () => Promise<Result>, seconds = 120): Promise<Result> {
  const deadline = Date.now() + seconds * 1000;
  for (let holder = takeLock(file); holder !== undefined; holder = takeLock(file)) {
    if (Date.now() >= deadline) {
      throw new Error(`Process ${holder} is starting or stopping the control planes: wait for it to end.`);
    }
    await sleep(100);
  }
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The process that has it; undefined: it is ours now. A dead process' lock is none. */
function takeLock(file: string): number | undefined {
  const holder = holderOf(file);
  if (holder !== undefined && isRunning(holder)) return holder.pid;
  if (holder !== undefined) rmSync(file, { force: true });
  // Complete at once: a lock that another process finds empty would be taken for nobody's.
  const self = { pid: process.pid, startTime: processStartTime(process.pid) };
  if (createOnce(file, JSON.stringify(self))) return undefined;
  // 0: whoever it was has ended meanwhile.
  return holderOf(file)?.pid ?? 0;
}

function holderOf(file: string): ProcessIdentity | undefined {
  return identity.safeParse(JSON.parse(readFileIfExists(file) || "null")).data;
}

/** Detached processes of one folder, which outlive this one; their identities are kept in the folder. */
export class ProcessGroup {
  private readonly file: string;
  private readonly processes: Record<string, ProcessIdentity>;

  constructor(private readonly folder: string) {
    this.file = join(folder, "processes.json");
    const recorded = Object.entries(identities.parse(JSON.parse(readFileIfExists(this.file) ?? "{}")));
    this.processes = Object.fromEntries(recorded.filter(([, process]) => isRunning(process)));
  }

  isRunning(name: string): boolean {
    return isRunning(this.processes[name]);
  }

  logFile(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  async start({ name, command, args }: ProcessDefinition): Promise<void> {
    const log = openSync(this.logFile(name), "a", 0o600);
    // No environment: a stray ETCD_* or KUBECONFIG of the user would change what is started.
    const child = spawn(command, args, { cwd: this.folder, env: {}, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    try {
      await once(child, "spawn");
    } catch (error) {
      throw new Error(`${name} can't be started: ${command} is missing or not executable.`, { cause: error });
    }
    child.unref();
    const { pid } = child;
    // Without a start time it has ended already, which is for whoever waits for it to find.
    if (pid !== undefined) this.processes[name] = { pid, startTime: processStartTime(pid) ?? "" };
    this.save();
  }

  /** Asks to end, and insists after ten seconds. */
  async stop(name: string): Promise<void> {
    const recorded = this.processes[name];
    if (recorded && isRunning(recorded)) {
      process.kill(recorded.pid, "SIGTERM");
      if (!(await ended(recorded, 10_000))) {
        process.kill(recorded.pid, "SIGKILL");
        await ended(recorded, 2_000);
      }
    }
    delete this.processes[name];
    this.save();
  }

  assertRunning(): void {
    for (const name of Object.keys(this.processes)) {
      if (!this.isRunning(name)) throw this.failure(name);
    }
  }

  private failure(name: string): Error {
    const lines = (readFileIfExists(this.logFile(name)) ?? "").trimEnd().split("\n").slice(-5);
    return new Error(`${name} ended.\n${lines.map((line) => `  ${line}`).join("\n")}\nLog: ${this.logFile(name)}`);
  }

  private save(): void {
    writePrivateFile(this.file, JSON.stringify(this.processes, null, 2));
  }
}
