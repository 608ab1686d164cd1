import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Of one test. */
export let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "database-scripts-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a job's script as its container does, with stand-ins for what it calls; each writes its arguments down. */
export function run(
  script: string,
  commands: Record<string, string>,
  files: Record<string, string>,
  env: Record<string, string>,
  args: string[] = [],
): { status: number | null; output: string; calls: string[] } {
  const [bin, content] = ["bin", "content"].map((name) => join(folder, name));
  for (const path of [bin, content]) mkdirSync(path ?? "");
  for (const [name, body] of Object.entries({ sleep: "", ...commands })) {
    const file = join(bin ?? "", name);
    const told = name === "sleep" ? "" : `echo "${name} $*" >> "$CALLS"\n`;
    writeFileSync(file, `#!/bin/sh\n${told}${body}\n`);
    chmodSync(file, 0o755);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(content ?? "", name), text);
  const calls = join(folder, "calls");
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-ceu", script, "script", ...args], {
    encoding: "utf8",
    timeout: 30_000,
    env: { PATH: `${bin}:/usr/bin:/bin`, CONTENT: content, CALLS: calls, STATE: folder, ...env },
  });
  return {
    status,
    output: stdout + stderr,
    calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [],
  };
}
