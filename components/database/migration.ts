import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import type { MigrationStep } from "./content/steps";
import { type DatabaseJob, jobPod } from "./jobs";

export interface DatabaseMigrationArgs {
  /** Name of the database's namespace. */
  namespace: pulumi.Input<string>;
  job: Omit<DatabaseJob, "name" | "configMapName">;
  /** What it applies, by file name. */
  files: Record<string, string>;
}

/** Seconds until it has failed. What the database has begun for it goes on. */
const deadlineSeconds = 3600;

/**
 * Brings a database to the state that configuration describes: tables, roles, grants and how rows spread. It runs when that
 * changes, and may be run again at any time.
 */
export class DatabaseMigration extends pulumi.ComponentResource {
  constructor(name: string, args: DatabaseMigrationArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:DatabaseMigration", name, {}, options);
    const { namespace, files, job } = args;
    const digest = createHash("sha256")
      .update(JSON.stringify([files, job.script]))
      .digest("hex")
      .slice(0, 10);
    const child = { parent: this };
    const content = new kubernetes.core.v1.ConfigMap(
      `${name}-content`,
      { metadata: { name: `${name}-content`, namespace }, data: files },
      child,
    );
    // A job can't be changed: another content is another job.
    new kubernetes.batch.v1.Job(
      `${name}-job`,
      {
        metadata: { name: `${name}-${digest}`, namespace },
        spec: {
          backoffLimit: 4,
          activeDeadlineSeconds: deadlineSeconds,
          template: jobPod({ ...job, name, configMapName: content.metadata.name }),
        },
      },
      { ...child, customTimeouts: { create: `${deadlineSeconds}s` } },
    );
    this.registerOutputs({});
  }
}

/** Steps as files, in their order: the statement, and where there are, its database and what makes it needless. */
export function stepFiles(steps: readonly MigrationStep[]): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap(({ database, statement, unless }, index) => {
      const number = String(index + 1).padStart(4, "0");
      return [
        [`${number}.sql`, `${statement};\n`],
        ...(database === undefined ? [] : [[`${number}.database`, database]]),
        ...(unless === undefined ? [] : [[`${number}.unless`, `${unless};\n`]]),
      ];
    }),
  );
}

/**
 * Applies such files.
 *
 * @param run a shell function's body: runs the SQL of file `$1` in database `$2`, and prints what it finds
 */
export const applySteps = (run: string): string => `run() {
${run}
}
for statement in "$CONTENT"/*.sql; do
  step="\${statement%.sql}"
  database="$ADMIN_DATABASE"
  if [ -f "$step.database" ]; then database="$(cat "$step.database")"; fi
  if [ -f "$step.unless" ] && [ -n "$(run "$step.unless" "$database")" ]; then continue; fi
  echo "$(basename "$statement") in $database"
  run "$statement" "$database"
done
`;
