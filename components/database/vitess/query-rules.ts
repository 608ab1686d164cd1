import { tenantColumn } from "../tables";
import { textsWithout } from "./texts-without";

/** As a tablet takes it (`filecustomrules`). */
export interface QueryRule {
  Name: string;
  /** A client whose statement is refused reads this. */
  Description: string;
  TableNames?: string[];
  Plans?: string[];
  Query?: string;
  BindVarConds?: { Name: string; OnAbsent: boolean; Operator: "" }[];
  Action: "FAIL";
}

const tenant = tenantColumn.name;
const nested = "\\((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*\\)";
/** What stands at the same depth of parentheses, three deep. */
const beside = `(?:[^()]|${nested})*`;
const named = `${tenant} = :`;
const mustName = `Name one tenant: WHERE ${tenant} = ? AND …`;

/**
 * What a tablet refuses of the tables that tenants share. It reads a statement as the gateway normalizes it, where a value is
 * `:name`. The gateway's own `no-scatter` lets writes, hints and sessions at one shard through. Which tenant a statement may
 * name, the engine isn't told: that is the service's to check.
 */
export function sharedTableRules(tables: readonly string[]): QueryRule[] {
  const rule = (Name: string, Description: string, how: Omit<QueryRule, "Name" | "Description" | "Action">) =>
    ({ Name, Description, ...how, Action: "FAIL" }) as const;
  const own = { TableNames: [...tables] };
  const reads = ["Select", "SelectNoLimit", "OtherRead", "OtherAdmin"];
  const writes = ["Update", "UpdateLimit", "Delete", "DeleteLimit"];
  const unnamed = textsWithout(named);
  const alternative = `Put alternatives in parentheses: ${tenant} = ? AND (… OR …)`;
  return [
    rule("tenant-named", mustName, { ...own, Plans: [...reads, ...writes], Query: unnamed }),
    // A stream of a join tells no table: these are for all of the keyspace.
    rule("tenant-named-in-streams", mustName, { Plans: ["SelectStream", "MessageStream"], Query: unnamed }),
    rule("nothing-instead-of-tenant", alternative, { Query: `(?s).*${tenant} = ${beside} (?:or|xor) .*` }),
    rule("nothing-or-tenant", alternative, { Query: `(?s).* (?:or|xor) ${beside}${tenant} = .*` }),
    rule("one-tenant", "Name one tenant alone", {
      BindVarConds: [{ Name: `${tenant}1`, OnAbsent: false, Operator: "" }],
    }),
    rule("rows-by-value", "Insert values, not what a SELECT finds", {
      ...own,
      Plans: ["Insert"],
      Query: "(?s).* select .*",
    }),
  ];
}
