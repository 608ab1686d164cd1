import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Written beside and renamed, so that a reader never sees half a file; only the owner can read it. */
export function writePrivateFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, path);
}

export function readFileIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
