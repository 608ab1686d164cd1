import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors";
import type { RehearsalPaths } from "../paths";
import type { Session } from "./session";

/** @throws UserError if an engine is at work on the stack */
export function refuseSecondRun(paths: RehearsalPaths, stackName: string): void {
  const running = lockHolders(paths, stackName).find(isPulumi);
  if (running === undefined) return;
  throw new UserError(
    `another run is at work on stack ${stackName} (process ${running}): wait for it, or stop it with Ctrl-C`,
  );
}

/** Clears what a killed engine has left, which would keep the next one out. */
export async function removeStaleLock(paths: RehearsalPaths, { stack }: Session): Promise<void> {
  refuseSecondRun(paths, stack.name);
  if (lockHolders(paths, stack.name).length > 0) await stack.cancel();
}

function lockHolders(paths: RehearsalPaths, stackName: string): number[] {
  const folder = join(paths.state, ".pulumi", "locks", "organization", "omega", stackName);
  // Beside each lock lies a file with its attributes.
  const locks = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return locks.map((file) => (JSON.parse(readFileSync(join(folder, file), "utf8")) as { pid: number }).pid);
}

/** A process of that number may long be another program, or wait for its parent to notice its end. */
function isPulumi(pid: number): boolean {
  try {
    const argv = ["-o", "stat=", "-o", "comm=", "-p", String(pid)];
    const [state = "", command = ""] = execFileSync("ps", argv, { encoding: "utf8", stdio: "pipe" })
      .trim()
      .split(/\s+/);
    return command.includes("pulumi") && !state.startsWith("Z");
  } catch {
    return false;
  }
}
