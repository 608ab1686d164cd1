import { tmpdir } from "node:os";
import type { Tool } from "./tool";
import { run } from "./command";

const answerMilliseconds = 15_000;

/**
 * Asks an executable for its version.
 * @returns what it answered, e.g. "1.37.2".
 * @throws Error when it does not answer, or when its version is not usable in the place of the pinned one.
 */
export async function usableVersion(executable: string, tool: Tool): Promise<string> {
  const output = await run(executable, tool.askVersion ?? [], {
    folder: tmpdir(),
    environment: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMilliseconds: answerMilliseconds,
  });
  const found = /\d+\.\d+(\.\d+)?/.exec(output)?.[0];
  if (found === undefined) throw new Error(`${executable} does not tell its version`);
  const [major, minor] = numbers(found);
  const [wantedMajor, wantedMinor] = numbers(tool.version);
  const usable = major === wantedMajor && (tool.sameMinor ? minor === wantedMinor : minor >= wantedMinor);
  if (!usable) throw new Error(`${executable} is ${found}, ${wantedMajor}.${wantedMinor} is wanted`);
  return found;
}

function numbers(version: string): [major: number, minor: number] {
  const [major, minor] = version.split(".");
  return [Number(major), Number(minor)];
}
