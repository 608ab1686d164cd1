import { readFileSync } from "node:fs";
import { join } from "node:path";
import { render } from "../../policies/readme";

const page = readFileSync(join(__dirname, "../../policies/README.md"), "utf8");

test("the table is what the code says (else run npx tsx policies/readme.ts)", () => {
  expect(render(page)).toBe(page);
});

test("a table that is out of date is written anew", () => {
  expect(render(page.replace("Ω6", "Ω1"))).toBe(page);
  expect(() => render("# A page without the marks")).toThrow("README.md has no");
});
