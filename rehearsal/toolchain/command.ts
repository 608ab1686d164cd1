import { spawn } from "node:child_process";
import { accessSync, appendFileSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

interface RunOptions {
  folder?: string;
  /** Added to this process's environment; an empty value counts as unset for the tools that we call. */
  environment?: Readonly<Record<string, string>> | undefined;
  /** Kills the command when it takes longer. */
  timeoutMilliseconds?: number;
  /** File that gets the command line and all output. */
  logFile?: string;
}

/** Absolute path of an executable on PATH. */
export function findOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Why a program can't be called, if so. */
export function missingOnPath(name: string): string | undefined {
  return findOnPath(name) === undefined ? `${name} is not on PATH` : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a command without a shell and gives its standard output.
 * @throws Error with the last lines of its output when it ends with another code than 0.
 */
export async function run(file: string, parameters: readonly string[], options: RunOptions = {}): Promise<string> {
  const { folder, environment, timeoutMilliseconds, logFile } = options;
  const record = (text: string): void => {
    if (logFile !== undefined) appendFileSync(logFile, withoutCredentials(text));
  };
  record(`$ ${[file, ...parameters].join(" ")}\n`);
  const child = spawn(file, parameters, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...(timeoutMilliseconds === undefined ? {} : { timeout: timeoutMilliseconds, killSignal: "SIGKILL" }),
  });
  let standardOutput = "";
  let everything = "";
  const collect = (chunk: string): void => {
    everything += chunk;
    record(chunk);
  };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    standardOutput += chunk;
    collect(chunk);
  });
  child.stderr.setEncoding("utf8").on("data", collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("close", resolve).on("error", (error) => reject(new Error(missingOnPath(file) ?? error.message)));
  });
  if (code !== 0) throw new Error(`${file} ended with ${code ?? "a signal"}${lastLines(everything)}`);
  return standardOutput;
}

function lastLines(output: string): string {
  const lines = output.trim().split("\n").slice(-4);
  return withoutCredentials(`: ${lines.join("\n")}`);
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, "//");
}
