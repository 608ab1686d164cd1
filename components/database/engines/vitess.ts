import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, type IssuerReference, serverCertificateSpec } from "../../certificates/certificates";
import type { StoreEndpoint } from "../../data/connection";
import { dataOptions } from "../../data/protection";
import { recoveryAnnotations, type RecoveryObjectives } from "../../data/recovery";
import { Bulkhead } from "../../mesh/bulkheads";
import { TcpBoundary } from "../../mesh/tcp-boundary";
import { PodMonitor, PrometheusRule } from "../../observability/prometheus-operator";
import type { BackupArgs } from "../backups";
import { ReadPreference } from "../capabilities";
import { vitessContent } from "../content/vitess";
import { Dialect } from "../dialect";
import { DatabaseMigration } from "../migration";
import { databasesOf, TenantIsolation } from "../tenancy";
import { accessFiles, accessRules } from "../vitess/access";
import { vitessAlerts } from "../vitess/alerts";
import { shardsOf, type VitessKeyspacePlan, vitessClusterSpec } from "../vitess/cluster-spec";
import { initDatabaseScript } from "../vitess/init-database";
import { vitessFiles, vitessMigrationScript } from "../vitess/migration-script";
import {
  componentLabels,
  controlHost,
  disruptionBudgets,
  gatewayHost,
  gatewayPolicySpec,
  monitorSpec,
  serviceSpecs,
  vitessUserId,
} from "../vitess/objects";
import { restoreDrills } from "../vitess/restore-drill";
import type { Durability } from "../vitess/topology";
import { createUsers } from "../vitess/users";
import { VitessCluster } from "../vitess/vitess-cluster";
import {
  type ClientAccess,
  type DatabaseClient,
  type DatabaseEngineAccess,
  type EngineArgs,
  tenantPlaceholder,
  usersOf,
} from "./engine";

export interface VitessEngineArgs extends EngineArgs {
  zones: string[];
  durability: Durability;
  batchReplicas: number;
  gatewayReplicas: number;
  image: pulumi.Input<string>;
  backups: BackupArgs;
  recovery: RecoveryObjectives;
  issuer: IssuerReference;
}

const authoritySecretName = "stores-trust";

/** Vitess in the region's own cluster. Its operator must be there; what it makes is the operator's, what leads to it ours. */
export class VitessEngine implements DatabaseEngineAccess {
  readonly dialect = Dialect.MySql;
  readonly writer: StoreEndpoint;
  readonly reader: StoreEndpoint;
  private secretNames: ReadonlyMap<string, pulumi.Output<string>> = new Map();

  constructor(
    private readonly name: string,
    private readonly args: VitessEngineArgs,
    private readonly options: pulumi.CustomResourceOptions,
  ) {
    const cluster = this.createCluster();
    const after = { ...options, dependsOn: [cluster] };
    this.createEntrances();
    this.createMigration(after);
    this.createWatch(after);
    restoreDrills(name, args, after);
    // Gateways tell writers from readers by the name of the database, not by their own.
    this.writer = {
      host: gatewayHost(args.namespace),
      port: 3306,
      pods: { namespace: args.namespace, labels: componentLabels(name, "vtgate") },
    };
    this.reader = this.writer;
  }

  accessOf({ service, keyspace, reads, bulkhead }: Required<DatabaseClient>): ClientAccess {
    const { keyspaces } = this.args;
    const isApart = keyspaces.some(
      ({ name, tenantIsolation }) => name === keyspace && tenantIsolation === TenantIsolation.DatabasePerTenant,
    );
    const database = isApart ? `${keyspace}_${tenantPlaceholder}` : keyspace;
    // Batch work has replicas of its own, which are never elected.
    const tablets = bulkhead === Bulkhead.Background ? "rdonly" : "replica";
    return {
      username: isApart ? `${service}.${tenantPlaceholder}` : service,
      database,
      readerDatabase: reads === ReadPreference.Primary ? database : `${database}@${tablets}`,
      secrets: [
        {
          variable: "DATABASE_PASSWORD",
          secretName: this.secretNames.get(service) ?? `database-${service}`,
          key: "password",
        },
      ],
      authoritySecretName,
    };
  }

  private createCluster(): VitessCluster {
    const { name, args, options } = this;
    const { namespace } = args;
    const users = createUsers(name, args, options);
    this.secretNames = users.secretNames;
    const initScript = new kubernetes.core.v1.Secret(
      `${name}-init-script`,
      { metadata: { name: `${name}-init-script`, namespace }, stringData: { "init_db.sql": initDatabaseScript } },
      options,
    );
    const certificateSecretName = `${name}-gateway-certificate`;
    const certificate = new Certificate(
      `${name}-gateway-certificate`,
      {
        metadata: { name: certificateSecretName, namespace },
        spec: serverCertificateSpec(certificateSecretName, [gatewayHost(namespace)], args.issuer),
      },
      options,
    );
    const keyspaces = this.keyspacePlans();
    const waitFor = JSON.stringify([
      "jsonpath={.status.vitessDashboard.available}=True",
      ...keyspaces.map(
        (keyspace) => `jsonpath={.status.keyspaces.${keyspace.name}.readyShards}=${shardsOf(keyspace).length}`,
      ),
    ]);
    return new VitessCluster(
      `${name}-cluster`,
      {
        metadata: {
          ...{ name, namespace },
          // What changes its tables waits for it, or would meet shards without a primary.
          annotations: { ...recoveryAnnotations(args.recovery), "pulumi.com/waitFor": waitFor },
        },
        spec: vitessClusterSpec({
          ...args,
          keyspaces,
          usersSecret: users.secret,
          initScriptSecret: { name: initScript.metadata.name, key: "init_db.sql" },
          certificateSecretName,
          isProtected: args.protectData,
        }),
      },
      {
        ...{ ...options, ...dataOptions(args), dependsOn: [certificate] },
        customTimeouts: { create: "30m", update: "60m" },
      },
    );
  }

  /** Vitess' keyspaces, each with the files that say who may do what in it. */
  private keyspacePlans(): VitessKeyspacePlan[] {
    const { name, args, options } = this;
    const rules = accessRules(args.keyspaces, args.tenants, usersOf(args.clients));
    return args.keyspaces.flatMap((keyspace) =>
      databasesOf(keyspace, args.tenants).flatMap((database) =>
        rules
          .filter((access) => access.keyspace === database)
          .map((access) => {
            const file = (content: object) => `${JSON.stringify(content, undefined, 2)}\n`;
            const configMap = new kubernetes.core.v1.ConfigMap(
              `${name}-access-${database}`,
              {
                metadata: { name: `${name}-access-${database.replaceAll("_", "-")}`, namespace: args.namespace },
                data: {
                  [accessFiles.tables]: file(access.tables),
                  ...(access.queryRules === undefined ? {} : { [accessFiles.queryRules]: file(access.queryRules) }),
                },
              },
              options,
            );
            const { shards, reshardTo } = keyspace;
            return {
              ...{ name: database, shards, access, accessConfigMapName: configMap.metadata.name },
              ...(reshardTo === undefined ? {} : { reshardTo }),
            };
          }),
      ),
    );
  }

  /** Names that last, which the operator's own don't: what they lead to, who may come, and how much of it drains may take. */
  private createEntrances(): void {
    const { name, args, options } = this;
    const { namespace } = args;
    for (const { service, spec } of serviceSpecs(name)) {
      new kubernetes.core.v1.Service(
        `${name}-${service}`,
        // What answers is the operator's to start: nothing waits for it here.
        { metadata: { name: service, namespace, annotations: { "pulumi.com/skipAwait": "true" } }, spec },
        options,
      );
    }
    for (const { suffix, spec } of disruptionBudgets(name, args)) {
      new kubernetes.policy.v1.PodDisruptionBudget(
        `${name}-${suffix}`,
        { metadata: { name: `${name}-${suffix}`, namespace }, spec },
        options,
      );
    }
    // For whoever has no boundary of its own: each service's is as large as its pool.
    new TcpBoundary(
      `${name}-gateway`,
      {
        ...{ namespace, host: gatewayHost(namespace) },
        connectionsPerProxy: Math.max(1, ...args.clients.map(({ connectionsPerReplica }) => connectionsPerReplica)),
      },
      options,
    );
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-gateway-network`,
      {
        metadata: { name: `${name}-gateway`, namespace },
        spec: gatewayPolicySpec(
          name,
          args.clientsNamespace,
          args.clients.map(({ service }) => service),
        ),
      },
      options,
    );
  }

  private createMigration(options: pulumi.CustomResourceOptions): void {
    const { keyspaces, tenants, namespace, image } = this.args;
    new DatabaseMigration(
      `${this.name}-migration`,
      {
        namespace,
        files: vitessFiles(vitessContent(keyspaces, tenants)),
        job: {
          image,
          userId: vitessUserId,
          script: vitessMigrationScript,
          env: [{ name: "CONTROL", value: `${controlHost(namespace)}:15999` }],
        },
      },
      options,
    );
  }

  private createWatch(options: pulumi.CustomResourceOptions): void {
    const { name, args } = this;
    const metadata = { name, namespace: args.namespace };
    new PodMonitor(`${name}-monitor`, { metadata, spec: monitorSpec(name) }, options);
    new PrometheusRule(`${name}-alerts`, { metadata, spec: { groups: vitessAlerts(name, args) } }, options);
  }
}
