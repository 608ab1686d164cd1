import type { StandIn } from "../stand-in";
import { awsTable } from "./aws";
import { cloudflareTable } from "./cloudflare";
import { randomTable } from "./random";
import type { PackageTable } from "./table";
import { TableStandIn } from "./table-stand-in";

export const tables: readonly PackageTable[] = [awsTable, cloudflareTable, randomTable];

export function createTableStandIn(packageName: string): StandIn {
  const table = tables.find((candidate) => candidate.package === packageName);
  if (!table) throw new Error(`the rehearsal has no stand-in for package ${packageName}`);
  return new TableStandIn(table);
}
