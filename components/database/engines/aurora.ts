import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { StoreEndpoint } from "../../data/connection";
import { ExternalStore } from "../../mesh/external-store";
import { PrometheusRule } from "../../observability/prometheus-operator";
import { alertGroup } from "../alerts";
import type { AuroraConnection } from "../aurora/aurora-cluster";
import { auroraPort } from "../aurora/network";
import { restoreDrills } from "../aurora/restore-drill";
import { postgreSqlSteps } from "../content/steps";
import { Dialect } from "../dialect";
import { drillAlert } from "../drills";
import { applySteps, DatabaseMigration, stepFiles } from "../migration";
import { TenantIsolation } from "../tenancy";
import {
  type ClientAccess,
  type DatabaseClient,
  type DatabaseEngineAccess,
  type EngineArgs,
  tenantPlaceholder,
  usersOf,
} from "./engine";

export interface AuroraEngineArgs extends EngineArgs {
  connection: AuroraConnection;
  image: pulumi.Input<string>;
}

/** ServiceAccount of the jobs, which have a role of their own in AWS. */
export const auroraJobsAccount = "database-jobs";

/** What a database that AWS runs needs in the cluster: the way to it, what is in it, and drills. */
export class AuroraEngine implements DatabaseEngineAccess {
  readonly dialect = Dialect.PostgreSql;
  readonly writer: StoreEndpoint;
  readonly reader: StoreEndpoint;

  constructor(
    name: string,
    private readonly args: AuroraEngineArgs,
    options: pulumi.CustomResourceOptions,
  ) {
    const { connection, namespace, clientsNamespace, image } = args;
    this.writer = { host: connection.writerHost, port: auroraPort };
    this.reader = { host: connection.readerHost, port: auroraPort };
    new ExternalStore(`${name}-writer`, { namespace: clientsNamespace, endpoint: this.writer }, options);
    new ExternalStore(`${name}-reader`, { namespace: clientsNamespace, endpoint: this.reader }, options);
    // What is in the database comes from the region that writes it, and so do copies.
    const { masterSecretArn } = connection;
    if (masterSecretArn === undefined) return;
    const serviceAccountName = new kubernetes.core.v1.ServiceAccount(
      `${name}-jobs`,
      { metadata: { name: auroraJobsAccount, namespace }, automountServiceAccountToken: false },
      options,
    ).metadata.name;
    const env = {
      AWS_REGION: connection.region,
      CLUSTER_ARN: connection.clusterArn,
      SECRET_ARN: masterSecretArn,
      ADMIN_DATABASE: "postgres",
    };
    const { keyspaces, tenants, clients } = args;
    new DatabaseMigration(
      `${name}-migration`,
      {
        namespace,
        files: stepFiles(postgreSqlSteps({ keyspaces, tenants, users: usersOf(clients) }, true)),
        job: {
          ...{ image, serviceAccountName, script: applySteps(runByDataApi) },
          env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
        },
      },
      options,
    );
    restoreDrills(name, { ...args, masterSecretArn, serviceAccountName }, options);
    const alerts = [drillAlert(name, namespace, args.drillDays)];
    new PrometheusRule(
      `${name}-alerts`,
      { metadata: { name, namespace }, spec: { groups: [alertGroup("omega-database", alerts, args.runbooksUrl)] } },
      options,
    );
  }

  accessOf({ service, keyspace }: Required<DatabaseClient>): ClientAccess {
    const { keyspaces, connection } = this.args;
    const isApart = keyspaces.some(
      ({ name, tenantIsolation }) => name === keyspace && tenantIsolation === TenantIsolation.DatabasePerTenant,
    );
    const database = isApart ? `${keyspace}_${tenantPlaceholder}` : keyspace;
    const accounts = connection.accountArnPrefixes.map((prefix) => pulumi.interpolate`${prefix}${service}`);
    return {
      username: service,
      database,
      readerDatabase: database,
      secrets: [],
      awsStatements: [{ actions: ["rds-db:connect"], resources: accounts }],
    };
  }
}

/** No connection, and no password that leaves Secrets Manager: AWS' own API runs the statement. */
export const runByDataApi = `  found="$(aws rds-data execute-statement --continue-after-timeout --resource-arn "$CLUSTER_ARN" --secret-arn "$SECRET_ARN" --database "$2" \\
    --sql "$(cat "$1")" --query 'length(not_null(records, \`[]\`))' --output text)"
  if [ "$found" != 0 ]; then echo "$found"; fi`;
