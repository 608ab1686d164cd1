import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { secretKeys, sections } from "./schema";

export const stackFileSchemaPath = join(__dirname, "stack-file.schema.json");

/** JSON Schema of a whole `Pulumi.<stack>.yaml`, by which editors complete and check it. */
export function stackFileSchema(): object {
  const own = Object.entries(sections).map(([key, schema]) => {
    // The whole file names its dialect once, below.
    return [`omega:${key}`, { ...z.toJSONSchema(schema, { io: "input" }), $schema: undefined }] as const;
  });
  const secrets = Object.entries(secretKeys).map(([key, description]) => {
    const secret = {
      description: `${description}, encrypted: pulumi config set --secret`,
      type: "object",
      properties: { secure: { type: "string" } },
      required: ["secure"],
      additionalProperties: false,
    };
    return [`omega:${key}`, secret] as const;
  });
  const properties = Object.fromEntries([...own, ...secrets]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Stack of the Omega Platform",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties,
        // Other packages have keys of their own; among ours an unknown one is a slip.
        propertyNames: { anyOf: [{ enum: Object.keys(properties) }, { not: { pattern: "^omega:" } }] },
      },
    },
    required: ["config"],
  };
}

if (require.main === module) writeFileSync(stackFileSchemaPath, `${JSON.stringify(stackFileSchema(), null, 2)}\n`);
