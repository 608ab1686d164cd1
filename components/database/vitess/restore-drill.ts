import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { vitessContent } from "../content/vitess";
import type { VitessEngineArgs } from "../engines/vitess";
import { drillName, drillSchedule, drillTimes, oneAfterAnother, restoreSeconds, rowsScript } from "../drills";
import { jobPod } from "../jobs";
import { shardRanges } from "../shards";
import { databasesOf } from "../tenancy";
import { controlHost, vitessUserId } from "./objects";
import {
  scratchClaim,
  scratchFolders,
  scratchSidecars,
  scratchVolumes,
  targetEnvironment,
  targetScript,
} from "./scratch-tablet";

/**
 * Each week, of each keyspace, restores the newest backup of every shard, of every tenant's database too, into a tablet that
 * takes no queries (`spare`) and is gone afterwards, checks its tables and compares their rows with a live replica's. A pod
 * for each shard, one after another on the same volume; one that fails doesn't keep the others from being tried.
 */
export function restoreDrills(cluster: string, args: VitessEngineArgs, options: pulumi.CustomResourceOptions): void {
  args.keyspaces.forEach((keyspace, index) => {
    const name = drillName(cluster, keyspace.name);
    // What a resharding fills (`reshardTo`) is no copy of anything until it is done.
    const targets = { databases: databasesOf(keyspace, args.tenants), shards: shardRanges(keyspace.shards) };
    const environment = targetEnvironment(name, targets, args.zones);
    // Tenants' databases have the same tables.
    const content = vitessContent(args.keyspaces, args.tenants).find((each) => each.keyspace === targets.databases[0]);
    const env = Object.entries({
      CONTROL: `${controlHost(args.namespace)}:15999`,
      TABLES: Object.keys(content?.vschema.tables ?? {}).join(" "),
    }).map(([variable, value]) => ({ name: variable, value }));
    const claim = new kubernetes.core.v1.PersistentVolumeClaim(
      name,
      {
        // Nothing uses it, and so nothing binds it, before the first drill.
        metadata: { name, namespace: args.namespace, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: scratchClaim(args),
      },
      options,
    );
    new kubernetes.batch.v1.CronJob(
      name,
      {
        metadata: { name, namespace: args.namespace },
        spec: {
          ...drillTimes,
          schedule: drillSchedule(index),
          jobTemplate: {
            spec: {
              ...oneAfterAnother(targets.databases.length * targets.shards.length),
              template: jobPod({
                ...{ name, image: args.image, userId: vitessUserId, script: drillScript },
                env: [...environment, ...env],
                podDeadlineSeconds: restoreSeconds,
                sidecars: scratchSidecars(cluster, environment, args),
                volumes: scratchVolumes(cluster, claim.metadata.name, args),
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

export const drillScript = `${targetScript}${rowsScript}control() { vtctldclient --server "$CONTROL" "$@"; }
finish() {
  code="$?"
  control DeleteTablets "$TABLET" > /dev/null 2>&1 || true
  if [ "$code" != 0 ]; then echo "$KEYSPACE/$SHARD: the newest backup was not restored whole"; fi
}
trap finish EXIT
trap 'exit 143' TERM
query() { mysql --socket ${scratchFolders.socket}/mysql.sock --user vt_dba --batch --skip-column-names --execute "$1" "$KEYSPACE"; }
echo "Restoring the newest backup of $KEYSPACE/$SHARD"
# While it restores it is of another type.
until control GetTablet "$TABLET" 2> /dev/null | grep -q '"type": "SPARE"'; do sleep 10; done
live="$(control GetTablets --keyspace "$KEYSPACE" --shard "$SHARD" --tablet-type replica | head -n 1 | cut -d ' ' -f 1)"
for table in $TABLES; do
  if ! query "CHECK TABLE \\\`$table\\\`" | grep -q 'OK$'; then echo "$table is damaged"; exit 1; fi
  restored="$(query "SELECT COUNT(*) FROM \\\`$table\\\`")"
  there="$(control ExecuteFetchAsDBA "$live" "SELECT COUNT(*) AS there FROM \\\`$table\\\`" | grep -Eo '[0-9]+' | tail -n 1)"
  if [ -z "$there" ]; then echo "$table can't be counted on a live replica"; exit 1; fi
  echo "$table: $restored rows restored, $there in use"
  # What was written since the backup isn't in it.
  if lacks_rows "$restored" "$there"; then echo "$table lacks rows"; exit 1; fi
done
if nothing_came_back; then echo "No table has any rows"; exit 1; fi
`;
