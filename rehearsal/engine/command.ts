import { spawn } from "node:child_process";
import { UserError } from "../errors";

/** Runs a command to its end and returns what it printed. Throws UserError with its standard error if it fails. */
export function runWithInput(
  executable: string,
  argv: string[],
  workDirectory: string,
  environment: Record<string, string>,
  input = "",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, argv, { cwd: workDirectory, env: { ...process.env, ...environment } });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(output)
        : reject(new UserError(`${executable} ${argv[0] ?? ""} failed: ${errors.trim() || output.trim()}`)),
    );
    child.stdin.end(input);
  });
}
