import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { eventSchemasFolder } from "../components/events/event-schemas";
import { schemaDocument } from "../components/events/registry/registrations";
import { platformSchemas } from "./event-schemas";
import { sections } from "./schema";

const root = join(__dirname, "..");

const stackFile = z.object({
  config: z.object({ "omega:entities": sections.entities, "omega:events": sections.events }),
});

/**
 * Writes the schemas of all events that a stack can have, as services' `readEventSchemas` reads a folder: the files, and those
 * that entities add.
 * @param stack whose own file has the entities: what it inherits is not looked for
 */
export function writeEventSchemas(stack: string, folder: string): void {
  const parsed: unknown = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
  const { "omega:entities": entities, "omega:events": events } = stackFile.parse(parsed).config;
  mkdirSync(folder, { recursive: true });
  cpSync(join(eventSchemasFolder, "envelope.json"), join(folder, "envelope.json"));
  for (const schema of platformSchemas({ entities, ...(events === undefined ? {} : { events }) })) {
    const ofType = join(folder, schema.type);
    mkdirSync(ofType, { recursive: true });
    writeFileSync(join(ofType, `${schema.version}.json`), `${JSON.stringify(schemaDocument(schema), undefined, 2)}\n`);
  }
}

if (require.main === module) {
  const [stack, folder] = process.argv.slice(2);
  if (stack === undefined || folder === undefined) throw new Error("Usage: npm run event-schemas -- <stack> <folder>");
  writeEventSchemas(stack, folder);
}
