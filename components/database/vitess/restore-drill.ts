import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { vitessContent } from "../content/vitess";
import type { VitessEngineArgs } from "../engines/vitess";
import { drillName, drillSchedule, drillTimes } from "../drills";
import { jobPod } from "../jobs";
import { databasesOf } from "../tenancy";
import { shardsOf } from "./cluster-spec";
import { controlHost, vitessUserId } from "./objects";
import { drillTablet, scratchFolders, scratchSidecars, scratchVolumes } from "./scratch-tablet";

/** Rows that the copy must have, in percent of what a live replica has: what was written since then isn't in it yet. */
const rowPercent = 99;

/**
 * Each week, of each keyspace, restores its first shard's newest backup into a tablet that takes no queries (`spare`) and is
 * gone afterwards, checks its tables and compares their rows with a live replica's.
 */
export function restoreDrills(cluster: string, args: VitessEngineArgs, options: pulumi.CustomResourceOptions): void {
  args.keyspaces.forEach((keyspace, index) => {
    const [database] = databasesOf(keyspace, args.tenants);
    const [shard] = shardsOf(keyspace);
    if (database === undefined || shard === undefined) return;
    const name = drillName(cluster, keyspace.name);
    const target = { database, shard, tablet: drillTablet(name, args.zones) };
    const content = vitessContent(args.keyspaces, args.tenants).find((each) => each.keyspace === database);
    const env = Object.entries({
      CONTROL: `${controlHost(args.namespace)}:15999`,
      KEYSPACE: database,
      SHARD: shard,
      TABLET: target.tablet.alias,
      TABLES: Object.keys(content?.vschema.tables ?? {}).join(" "),
      ROW_PERCENT: String(rowPercent),
    }).map(([variable, value]) => ({ name: variable, value }));
    new kubernetes.batch.v1.CronJob(
      name,
      {
        metadata: { name, namespace: args.namespace },
        spec: {
          ...drillTimes,
          schedule: drillSchedule(index),
          jobTemplate: {
            spec: {
              backoffLimit: 1,
              activeDeadlineSeconds: 6 * 3600,
              template: jobPod({
                ...{ name, image: args.image, userId: vitessUserId, script: drillScript, env },
                sidecars: scratchSidecars(cluster, target, args),
                volumes: scratchVolumes(cluster, args),
                volumeMounts: [{ name: "socket", mountPath: scratchFolders.socket }],
              }),
            },
          },
        },
      },
      options,
    );
  });
}

export const drillScript = `control() { vtctldclient --server "$CONTROL" "$@"; }
forget() { control DeleteTablets "$TABLET" > /dev/null 2>&1 || true; }
trap forget EXIT
query() { mysql --socket ${scratchFolders.socket}/mysql.sock --user vt_dba --batch --skip-column-names --execute "$1" "$KEYSPACE"; }
echo "Restoring the newest backup of $KEYSPACE/$SHARD"
# While it restores it is of another type.
until control GetTablet "$TABLET" 2> /dev/null | grep -q '"type": "SPARE"'; do sleep 10; done
live="$(control GetTablets --keyspace "$KEYSPACE" --shard "$SHARD" --tablet-type replica | head -n 1 | cut -d ' ' -f 1)"
for table in $TABLES; do
  if ! query "CHECK TABLE \\\`$table\\\`" | grep -q 'OK$'; then echo "$table is damaged"; exit 1; fi
  restored="$(query "SELECT COUNT(*) FROM \\\`$table\\\`")"
  there="$(control ExecuteFetchAsDBA "$live" "SELECT COUNT(*) AS there FROM \\\`$table\\\`" | grep -Eo '[0-9]+' | tail -n 1)"
  echo "$table: $restored rows restored, $there in use"
  if [ "$((restored * 100))" -lt "$((there * ROW_PERCENT))" ]; then echo "$table lacks rows"; exit 1; fi
done
`;
