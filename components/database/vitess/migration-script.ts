import type { VitessKeyspaceContent } from "../content/vitess";
import { migrationsCaller } from "./access";

/** What the job reads: of each keyspace its tables and how their rows spread. */
export function vitessFiles(contents: readonly VitessKeyspaceContent[]): Record<string, string> {
  return Object.fromEntries(
    contents.flatMap(({ keyspace, ddl, vschema }) => [
      [`${keyspace}.sql`, ddl.map((statement) => `${statement};\n`).join("")],
      [`${keyspace}.vschema.json`, `${JSON.stringify(vschema, undefined, 2)}\n`],
    ]),
  );
}

/**
 * Vitess compares each table with what it is to be and changes it beside the traffic; the table that a change replaced is
 * kept for a week. `CONTROL` is the address of vtctld.
 */
export const vitessMigrationScript = `control() { vtctldclient --server "$CONTROL" "$@"; }
for vschema in "$CONTENT"/*.vschema.json; do
  keyspace="$(basename "$vschema" .vschema.json)"
  until control GetKeyspace "$keyspace" > /dev/null 2>&1; do
    echo "$keyspace is not there yet"
    sleep 10
  done
  if [ -s "$CONTENT/$keyspace.sql" ]; then
    changes="$(control ApplySchema --caller-id ${migrationsCaller} --ddl-strategy "vitess --declarative --retain-artifacts=168h" \\
      --sql-file "$CONTENT/$keyspace.sql" "$keyspace")"
    for change in $changes; do
      while control OnlineDDL show "$keyspace" "$change" | grep -Eq '[|] *(requested|queued|ready|running) *[|]'; do
        sleep 5
      done
      if control OnlineDDL show "$keyspace" "$change" | grep -Eq '[|] *(failed|cancelled) *[|]'; then
        echo "$keyspace: change $change failed"
        exit 1
      fi
    done
  fi
  control ApplyVSchema --vschema-file "$vschema" "$keyspace"
done
`;
