import { readFileSync } from "node:fs";
import { configurationPage, configurationPagePath } from "../../stacks/configuration-page";
import { secretKeys, sections } from "../../stacks/schema";

test("docs/configuration.md is what the schema says (else run npm run configuration)", () => {
  expect(readFileSync(configurationPagePath, "utf8")).toBe(configurationPage());
});

test("no key is without a row, and none stands twice", () => {
  const page = configurationPage();
  const rows = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key);
  expect(new Set(rows).size).toBe(rows.length);
  for (const key of Object.keys(sections)) {
    expect(page).toMatch(new RegExp(`^(## ${key}$|\\| \`${key}\` \\|)`, "m"));
  }
  for (const key of Object.keys(secretKeys)) expect(page).toContain(`\`omega:${key}\``);
});

test("bounds, defaults and lists are in it", () => {
  const page = configurationPage();
  expect(page).toContain('| `namespace` | string | `"shop"` | Namespace of the services |');
  expect(page).toMatch(/^\| `observability.traceSamplingPercent` \| number from 0 to 100 \| `1` \|/m);
  expect(page).toMatch(/^\| `tenants\[\].tier` \| free, pro, enterprise \|  \| \*\*required\*\*: /m);
});
