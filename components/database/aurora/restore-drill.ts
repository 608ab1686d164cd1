import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsStatement } from "../../data/connection";
import { drillName, drillSchedule, drillTimes, restoreSeconds, rowsScript } from "../drills";
import type { EngineArgs } from "../engines/engine";
import { jobPod } from "../jobs";
import { databasesOf, TenantIsolation, tenantIdentifier } from "../tenancy";
import type { AuroraConnection } from "./aurora-cluster";

interface DrillArgs extends Pick<EngineArgs, "namespace" | "keyspaces" | "tenants"> {
  connection: AuroraConnection;
  masterSecretArn: pulumi.Output<string>;
  image: pulumi.Input<string>;
  serviceAccountName: pulumi.Input<string>;
}

/**
 * Each week, of each keyspace, restores the newest moment into a cluster of its own and compares its tables with those in use,
 * those of all tenants; it is deleted afterwards. For that time it costs what one instance costs.
 */
export function restoreDrills(database: string, args: DrillArgs, options: pulumi.CustomResourceOptions): void {
  const { namespace, keyspaces, tenants, connection } = args;
  keyspaces.forEach((keyspace, index) => {
    const name = drillName(database, keyspace.name);
    const schemas =
      keyspace.tenantIsolation === TenantIsolation.SchemaPerTenant ? tenants.map(tenantIdentifier) : ["public"];
    const env = {
      AWS_REGION: connection.region,
      SOURCE: connection.clusterName,
      SOURCE_ARN: connection.clusterArn,
      COPY: copyName(connection.clusterName, keyspace.name),
      SECRET_ARN: args.masterSecretArn,
      SUBNETS: connection.subnetGroupName,
      SECURITY_GROUP: connection.securityGroupId,
      KEY: connection.keyArn,
      INSTANCE_CLASS: connection.instanceClass,
      DATABASES: databasesOf(keyspace, tenants).join(" "),
      TABLES: schemas.flatMap((schema) => keyspace.tables.map(({ name }) => `"${schema}"."${name}"`)).join(" "),
    };
    new kubernetes.batch.v1.CronJob(
      name,
      {
        metadata: { name, namespace },
        spec: {
          ...drillTimes,
          schedule: drillSchedule(index),
          jobTemplate: {
            spec: {
              // A second try would meet what the first one is still deleting.
              backoffLimit: 0,
              activeDeadlineSeconds: restoreSeconds,
              template: jobPod({
                ...{ name, image: args.image, script: drillScript, serviceAccountName: args.serviceAccountName },
                env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
              }),
            },
          },
        },
      },
      options,
    );
  });
}

const copyName = (clusterName: string, keyspace: string) =>
  `${clusterName}-drill-${keyspace.replaceAll("_", "-")}`.slice(0, 60).replace(/-+$/, "");

/** What a drill may do: read the database, and make and delete its own copies. */
export function drillStatements({ clusterArn }: AuroraConnection): AwsStatement[] {
  const copies = clusterArn.apply((arn) => `${arn}-drill-*`);
  const instances = copies.apply((arn) => arn.replace(":cluster:", ":db:"));
  const settings = ["subgrp", "cluster-pg", "pg", "og"].map((kind) =>
    clusterArn.apply((arn) => arn.replace(/:cluster:.*$/, `:${kind}:*`)),
  );
  return [
    { actions: ["rds:DescribeDBClusters", "rds:DescribeDBInstances"], resources: ["*"] },
    { actions: ["rds:RestoreDBClusterToPointInTime"], resources: [clusterArn, copies, ...settings] },
    { actions: ["rds:CreateDBInstance"], resources: [copies, instances, ...settings] },
    { actions: ["rds:DeleteDBInstance"], resources: [instances] },
    { actions: ["rds:DeleteDBCluster", "rds:EnableHttpEndpoint", "rds-data:ExecuteStatement"], resources: [copies] },
    { actions: ["rds:AddTagsToResource"], resources: [copies, instances] },
  ];
}

export const drillScript = `${rowsScript}remove() {
  aws rds delete-db-instance --db-instance-identifier "$COPY-0" --skip-final-snapshot > /dev/null 2>&1 || true
  aws rds wait db-instance-deleted --db-instance-identifier "$COPY-0" || true
  aws rds delete-db-cluster --db-cluster-identifier "$COPY" --skip-final-snapshot > /dev/null 2>&1 || true
}
count() {
  aws rds-data execute-statement --resource-arn "$1" --secret-arn "$SECRET_ARN" --database "$2" \\
    --sql "SELECT count(*) FROM $3" --query 'records[0][0].longValue' --output text
}
# Before the restore, which takes an hour: what is written meanwhile isn't in it.
set --
for database in $DATABASES; do
  for table in $TABLES; do
    there="$(count "$SOURCE_ARN" "$database" "$table")"
    set -- "$@" "$there"
  done
done
trap remove EXIT
trap 'exit 143' TERM
echo "Restoring the newest moment of $SOURCE"
aws rds restore-db-cluster-to-point-in-time --source-db-cluster-identifier "$SOURCE" --use-latest-restorable-time \\
  --db-cluster-identifier "$COPY" --db-subnet-group-name "$SUBNETS" --vpc-security-group-ids "$SECURITY_GROUP" \\
  --kms-key-id "$KEY" --no-deletion-protection > /dev/null
aws rds create-db-instance --db-instance-identifier "$COPY-0" --db-cluster-identifier "$COPY" \\
  --db-instance-class "$INSTANCE_CLASS" --engine aurora-postgresql --no-publicly-accessible > /dev/null
aws rds wait db-instance-available --db-instance-identifier "$COPY-0"
copy_arn="$(aws rds describe-db-clusters --db-cluster-identifier "$COPY" --query 'DBClusters[0].DBClusterArn' --output text)"
aws rds enable-http-endpoint --resource-arn "$copy_arn" > /dev/null
lacking=""
for database in $DATABASES; do
  for table in $TABLES; do
    restored="$(count "$copy_arn" "$database" "$table" || true)"
    echo "$database, $table: \${restored:-no} rows restored, $1 in use"
    # The newest moment that can be restored is some minutes ago.
    if [ -z "$restored" ] || lacks_rows "$restored" "$1"; then lacking="$lacking $database.$table"; fi
    shift
  done
done
if nothing_came_back; then echo "No table has any rows"; exit 1; fi
if [ -n "$lacking" ]; then echo "Lacks rows:$lacking"; exit 1; fi
`;
