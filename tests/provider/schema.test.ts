import { readFileSync } from "node:fs";
import { join } from "node:path";
import { providerSchema, schemaPath } from "../../provider/schema";
import { projectRoot } from "../../rehearsal/paths";

jest.setTimeout(600_000);

interface Schema {
  version: string;
  resources: Record<string, { isComponent: boolean; inputProperties: Record<string, object> }>;
}
const committed = () => readFileSync(schemaPath, "utf8");

test("the committed schema is what the components' types say; `npm run provider-schema` writes it", async () => {
  expect(JSON.parse(await providerSchema())).toEqual(JSON.parse(committed()));
});

test("types are those of the components' own tokens, so that remote ones get the same URNs", () => {
  const { resources } = JSON.parse(committed()) as Schema;
  expect(Object.keys(resources)).toContain("omega:index:AgenticService");
  expect(Object.values(resources).every(({ isComponent }) => isComponent)).toBe(true);
});

test("package, policies and provider have one version", () => {
  const versionOf = (folder: string) =>
    (JSON.parse(readFileSync(join(projectRoot, folder, "package.json"), "utf8")) as Schema).version;
  const version = versionOf(".");
  expect([versionOf("policies"), versionOf("provider"), (JSON.parse(committed()) as Schema).version]).toEqual([
    version,
    version,
    version,
  ]);
  expect(readFileSync(join(projectRoot, "CHANGELOG.md"), "utf8")).toContain(`## [${version}]`);
});
