import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { sagasPage } from "../components/events/saga-diagram";
import { sagasSchema } from "./schema/sagas";

const root = join(__dirname, "..");

export const sagasPagePath = join(root, "docs/sagas.md");

const stackFile = z.object({ config: z.object({ "omega:sagas": sagasSchema }) });

/** The page about the sagas of the dev stack, in which all of the shop's are. */
export function currentSagasPage(): string {
  const parsed: unknown = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8"));
  return sagasPage(stackFile.parse(parsed).config["omega:sagas"]);
}

if (require.main === module) writeFileSync(sagasPagePath, currentSagasPage());
