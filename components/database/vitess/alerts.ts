import type { RuleGroup } from "../../observability/prometheus-operator";
import { type Alert, alertGroup, page, ticket } from "../alerts";
import type { BackupArgs } from "../backups";
import { drillAlert } from "../drills";
import type { EngineArgs } from "../engines/engine";
import { databasesOf } from "../tenancy";
import { shardsOf, stalenessSeconds } from "./cluster-spec";
import { databaseJob } from "./objects";

type AlertArgs = Pick<EngineArgs, "keyspaces" | "tenants" | "namespace" | "runbooksUrl" | "drillDays"> & {
  backups: BackupArgs;
};

export function vitessAlerts(cluster: string, args: AlertArgs): RuleGroup[] {
  const { keyspaces, tenants, namespace, backups } = args;
  const shards = keyspaces.flatMap((keyspace) =>
    databasesOf(keyspace, tenants).flatMap((database) => shardsOf(keyspace).map((shard) => ({ database, shard }))),
  );
  const staleSeconds = 2 * 3600 * backups.intervalHours;
  const backupEnd = `kube_job_status_completion_time{namespace="${namespace}", job_name=~"${cluster}-vbsc-.+"}`;
  const job = `job="${databaseJob}"`;
  const recoveries =
    `vtorc_successful_recoveries{${job}, ` +
    `recovery_type=~"RecoverDeadPrimary|RecoverIncapacitatedPrimary|RecoverPrimaryTabletDeleted|ElectNewPrimary"}`;
  const alerts: Alert[] = [
    {
      alert: "DatabasePrimaryMissing",
      // The shards are known here: what reports nothing at all is missing too.
      expr: shards
        .map(
          ({ database, shard }) =>
            `absent(vttablet_tablet_server_state{${job}, type="PRIMARY", name="SERVING", ` +
            `keyspace="${database}", shard="${shard}"})`,
        )
        .join(" or "),
      for: "1m",
      labels: page,
      summary: "{{ $labels.keyspace }}/{{ $labels.shard }} has no primary",
      description:
        "Nothing can be written to shard {{ $labels.shard }} of {{ $labels.keyspace }}: no primary serves it.",
    },
    {
      alert: "DatabaseFailover",
      // The first one of a shard makes its series, at 1, which is no increase.
      expr: `sum by (keyspace, shard) ((${recoveries} unless ${recoveries} offset 15m) or increase(${recoveries}[15m])) > 0`,
      labels: ticket,
      summary: "{{ $labels.keyspace }}/{{ $labels.shard }} has another primary",
      description:
        "VTOrc elected another primary of {{ $labels.keyspace }}/{{ $labels.shard }} in the last 15 minutes.",
    },
    {
      alert: "DatabaseReplicationLag",
      expr: `max by (pod) (vttablet_replication_lag_sec{${job}}) > ${stalenessSeconds / 2}`,
      for: "5m",
      labels: ticket,
      summary: "{{ $labels.pod }} lags behind its primary",
      description: `{{ $labels.pod }} is {{ $value }} s behind; past ${stalenessSeconds} s it is left out of reads.`,
    },
    {
      alert: "DatabaseConnectionsNearBudget",
      expr: `max by (pod) (vttablet_transaction_pool_in_use{${job}} / (vttablet_transaction_pool_capacity{${job}} > 0)) > 0.8`,
      for: "5m",
      labels: ticket,
      summary: "{{ $labels.pod }} has few connections left",
      description: "{{ $value | humanizePercentage }} of the transactions that {{ $labels.pod }} may have are open.",
    },
    {
      alert: "DatabaseBackupTooOld",
      // Jobs of the operator, one a shard, of which the newest two stay.
      expr: `(count(time() - ${backupEnd} < ${staleSeconds}) or vector(0)) < ${shards.length}`,
      for: "30m",
      labels: page,
      summary: "Shards of the database lack a young backup",
      description:
        `Only {{ $value }} backups of ${shards.length} shards ended in the last ${2 * backups.intervalHours} hours: ` +
        "what is lost now can't be brought back as promised.",
    },
    drillAlert(cluster, namespace, args.drillDays),
  ];
  return [alertGroup("omega-database", alerts, args.runbooksUrl)];
}
