import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import { components } from "./components";

export const schemaPath = join(__dirname, "schema.json");

/** What other languages' SDKs are made from, read from the components' types. Takes half a minute. */
export async function providerSchema(): Promise<string> {
  const schema = await new ComponentProvider({ name: "omega", components, dirname: __dirname }).getSchema();
  return `${JSON.stringify(JSON.parse(schema), undefined, 2)}\n`;
}

if (require.main === module) {
  void providerSchema().then((schema) => writeFileSync(schemaPath, schema));
}
