import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { projectRoot } from "../paths";
import { part } from "./regions";

export interface StackRun {
  stack: string;
  succeeded: boolean;
  /** What it said of its failure. */
  error: string;
}

/**
 * Runs a command for several stacks, each in a process of its own: a program sees one stack's environment. One that fails
 * stops no other.
 *
 * @param parallel at most so many at the same time
 * @param write gets each line, with the stack's name before it
 */
export async function sideBySide(
  command: string,
  stacks: readonly string[],
  parallel: number,
  write: (line: string) => void,
): Promise<StackRun[]> {
  const width = Math.max(0, ...stacks.map((stack) => stack.length));
  const waiting = [...stacks];
  const runs: StackRun[] = [];
  const interruption = forwardInterrupts();
  const work = async (): Promise<void> => {
    for (let stack = waiting.shift(); stack !== undefined; stack = waiting.shift()) {
      if (isCancelled) {
        runs.push({ stack, succeeded: false, error: "was not begun: the run was cancelled" });
        continue;
      }
      const prefix = `${stack.padEnd(width)} | `;
      runs.push(await runStack(command, stack, (line) => write(`${prefix}${line}`), interruption.children));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, stacks.length) }, work));
  } finally {
    interruption.end();
  }
  return runs.sort((one, other) => stacks.indexOf(one.stack) - stacks.indexOf(other.stack));
}

type Children = Set<{ kill(signal: NodeJS.Signals): unknown }>;

function runStack(
  command: string,
  stack: string,
  write: (line: string) => void,
  children: Children,
): Promise<StackRun> {
  return new Promise((resolve) => {
    const cli = join(__dirname, "..", "cli.ts");
    // Its input is this one's, so that each of them sees whether a terminal sends its signals to all.
    const child = spawn(process.execPath, ["--require", "tsx/cjs", cli, command, stack, part], {
      cwd: projectRoot,
      stdio: ["inherit", "pipe", "pipe"],
    });
    children.add(child);
    const errors: string[] = [];
    const writeFilled = (line: string): void => {
      if (line.trim() !== "") write(line);
    };
    createInterface({ input: child.stdout }).on("line", writeFilled);
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors.push(line);
      writeFilled(line);
    });
    const end = (succeeded: boolean, error: string): void => {
      children.delete(child);
      resolve({ stack, succeeded, error });
    };
    child.on("error", ({ message }) => end(false, message));
    child.on("close", (code, signal) => {
      const said = errors.filter((line) => line.trim() !== "").join("\n");
      end(code === 0, said || `its process ended with ${signal ?? `code ${String(code)}`}`);
    });
  });
}

/** Since this process began: what was to follow must not begin either. */
let isCancelled = false;

/** A terminal tells all processes of Ctrl-C; what else comes reaches this one alone. */
function forwardInterrupts(): { children: Children; end(): void } {
  const children: Children = new Set();
  const forward = (signal: NodeJS.Signals): void => {
    isCancelled = true;
    if (signal === "SIGTERM" || !process.stdin.isTTY) for (const child of children) child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, forward);
  return {
    children,
    end: () => {
      for (const signal of signals) process.off(signal, forward);
    },
  };
}
