import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

interface Program {
  command: string;
  args: string[];
  /** Working directory. */
  folder: string;
  /** Gets standard output and standard error. */
  logFile: string;
  environment?: Record<string, string>;
  /** Number of the account, and of its group, that it runs as. Default: the tests' own. */
  account?: number;
}

/** A process that lives as long as the test. */
export class RunningProgram {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(private readonly program: Program) {
    const { command, args, folder, logFile, environment = {}, account } = program;
    const log = openSync(logFile, "a");
    this.child = spawn(command, args, {
      cwd: folder,
      env: environment,
      stdio: ["ignore", log, log],
      ...(account === undefined ? {} : { uid: account, gid: account }),
    });
    this.ended = once(this.child, "exit");
    closeSync(log);
  }

  /** @throws with the log's end if the process ends before the condition holds, or after the given seconds. */
  async until(condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
    for (const deadline = Date.now() + seconds * 1000; !(await condition()); await sleep(50)) {
      if (this.child.exitCode === null && Date.now() < deadline) continue;
      const { command, logFile } = this.program;
      const end = readFileSync(logFile, "utf8").split("\n").slice(-15).join("\n");
      throw new Error(`${command} ${this.child.exitCode === null ? "is not ready" : "ended"}.\n${end}`);
    }
  }

  /** Undefined once it has ended. */
  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  async stop(): Promise<void> {
    if (this.pid !== undefined) this.child.kill("SIGKILL");
    await this.ended;
  }
}
