import { readFileSync } from "node:fs";
import { stackFileSchema, stackFileSchemaPath } from "../../stacks/stack-file-schema";

test("the committed JSON Schema is the one that the configuration gives (npm run schema writes it)", () => {
  const committed: unknown = JSON.parse(readFileSync(stackFileSchemaPath, "utf8"));
  expect(committed).toEqual(JSON.parse(JSON.stringify(stackFileSchema())));
});
