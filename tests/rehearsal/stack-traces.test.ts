import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../rehearsal/paths";

test("an error with a message says where it was thrown, in the file as it was written; one without says nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "stacks-"));
  const file = join(folder, "program.ts");
  const lines = [
    `import { formatStacksWithMessages } from "${projectRoot}/rehearsal/stack-traces";`,
    "",
    "interface Fails { (): never }",
    'const fails: Fails = () => { throw new TypeError("boom"); };',
    "formatStacksWithMessages();",
    "try { fails(); } catch (error) { console.log((error as Error).stack); }",
    "console.log(new Error().stack);",
  ];
  writeFileSync(file, lines.join("\n"));
  try {
    const options = { cwd: projectRoot, encoding: "utf8" } as const;
    const printed = execFileSync(process.execPath, ["--require", "tsx/cjs", file], options).trim().split("\n");
    expect(printed.slice(0, 3)).toEqual([
      "TypeError: boom",
      `    at fails (file://${file}:4:36)`,
      expect.stringContaining(`${file}:6:7`),
    ]);
    expect(printed.at(-1)).toBe("Error");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
