import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** Every alert of every component, by the name that it has in the code, and the sections that CloudWatch's alarms name. */
function alerts(): string[] {
  const files = readdirSync(join(root, "components"), { recursive: true, encoding: "utf8" });
  const sources = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "components", file), "utf8"));
  const named = /\b(?:alert|section): "(\w+)"/g;
  return [...new Set(sources.flatMap((source) => [...source.matchAll(named)].map(([, name = ""]) => name)))];
}

test("the runbooks have one section for each alert, and no other", () => {
  const page = readFileSync(join(root, "docs/runbooks.md"), "utf8");
  const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);
  expect(alerts().length).toBeGreaterThan(10);
  expect(sections.sort()).toEqual(alerts().sort());
});
