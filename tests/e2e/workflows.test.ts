import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../rehearsal/paths";
import { provideTools } from "../../rehearsal/toolchain";
import { run } from "./support";

jest.setTimeout(600_000);

const folder = join(projectRoot, ".github/workflows");
const scratch = mkdtempSync(join(tmpdir(), "omega-workflows-"));
afterAll(() => rmSync(scratch, { recursive: true }));

async function lint(...files: string[]) {
  const { actionlint } = await provideTools(["actionlint"]);
  // Without the linters of other languages that a machine may have.
  return run(actionlint, ["-no-color", "-shellcheck=", "-pyflakes=", ...files]);
}

test("actionlint finds nothing in the workflows, and does find a planted fault", async () => {
  const files = readdirSync(folder).map((file) => join(folder, file));
  expect(await lint(...files)).toEqual({ code: 0, output: "" });
  mkdirSync(scratch, { recursive: true });
  const broken = join(scratch, "broken.yml");
  const text = readFileSync(join(folder, "preview.yml"), "utf8");
  writeFileSync(broken, text.replace("matrix.stack }}", "matrix.stak }}").replace("runs-on:", "run-on:"));
  const { code, output } = await lint(broken);
  expect(output).toMatch(/"stak" is not defined/);
  expect(output).toMatch(/"run-on"/);
  expect(code).toBe(1);
});
