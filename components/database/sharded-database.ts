import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import type { StoreConnection, StoreEndpoint } from "../data/connection";
import { type RecoveryObjectives, recoveryProblems } from "../data/recovery";
import { tierLimits } from "../gateway/rate-limits";
import { DatabaseEngine, ReadPreference } from "./capabilities";
import { type ShardedDatabaseArgs, vitessDefaults, withDefaults } from "./database-args";
import { Dialect } from "./dialect";
import type { DatabaseAdministration } from "./engines/administration";
import { AuroraEngine } from "./engines/aurora";
import type { DatabaseEngineAccess, EngineArgs } from "./engines/engine";
import { ExternalEngine } from "./engines/external";
import { VitessEngine } from "./engines/vitess";
import { poolVariables } from "./pools";
import { databaseProblems } from "./problems";
import { KeyspaceIsolation } from "./tenancy";

/** By engine; an external database's jobs take the client of its dialect. */
const images = {
  vitess: "docker.io/vitess/lite:v24.0.0",
  aws: "public.ecr.aws/aws-cli/aws-cli:2.31.9",
  [Dialect.PostgreSql]: "docker.io/library/postgres:17.6-alpine3.22",
  [Dialect.MySql]: "docker.io/library/mysql:8.4.6",
};

/**
 * The services' database, whatever engine runs it. Each service has an account, which reaches its own keyspace and nothing
 * else, a pool that fits into what the database accepts, and is told by the same environment variables.
 */
export class ShardedDatabase extends pulumi.ComponentResource {
  /** Takes writes. */
  readonly writerEndpoint: StoreEndpoint;
  /** Replicas of this region. */
  readonly readerEndpoint: StoreEndpoint;
  /** How jobs change it; undefined where none can. */
  readonly administration: DatabaseAdministration | undefined;
  private readonly access: DatabaseEngineAccess;
  private readonly filled: EngineArgs;

  constructor(
    name: string,
    private readonly args: ShardedDatabaseArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("omega:index:ShardedDatabase", name, {}, options);
    refuse(`ShardedDatabase "${name}"`, argumentProblems(args));
    const { namespace, clientsNamespace, storageClassName, issuer } = args;
    this.filled = {
      ...withDefaults(args),
      ...{ namespace, clientsNamespace },
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(issuer === undefined ? {} : { issuer }),
    };
    this.access = createEngine(name, args, this.filled, { parent: this });
    this.writerEndpoint = this.access.writer;
    this.readerEndpoint = this.access.reader;
    this.administration = this.access.administration;
    this.registerOutputs({ writerHost: this.writerEndpoint.host, readerHost: this.readerEndpoint.host });
  }

  /** For a service's `stores`; it must be one of the clients. */
  connectionOf(service: string): StoreConnection {
    const client = this.filled.clients.find((each) => each.service === service);
    if (client === undefined) throw new pulumi.RunError(`${service} is no client of this database`);
    const { writer, reader, dialect } = this.access;
    const access = this.access.accessOf(client);
    const readsFrom = client.reads === ReadPreference.Primary ? writer : reader;
    const isolation = this.filled.keyspaces.find(({ name }) => name === client.keyspace)?.tenantIsolation;
    return {
      name: "database",
      endpoints: readsFrom === writer ? [writer] : [writer, readsFrom],
      connectionsPerReplica: client.connectionsPerReplica,
      environment: {
        DATABASE_DIALECT: dialect,
        DATABASE_WRITER_HOST: writer.host,
        DATABASE_WRITER_PORT: String(writer.port),
        DATABASE_READER_HOST: readsFrom.host,
        DATABASE_READER_PORT: String(readsFrom.port),
        DATABASE_NAME: access.database,
        DATABASE_READER_NAME: access.readerDatabase,
        DATABASE_USERNAME: access.username,
        DATABASE_READ_PREFERENCE: client.reads,
        DATABASE_CONSISTENCY: client.consistency,
        ...(isolation === undefined ? {} : { DATABASE_TENANT_ISOLATION: isolation }),
        ...(isolation === KeyspaceIsolation.ByTenant
          ? { DATABASE_TENANT_ISOLATIONS: JSON.stringify(this.filled.tenantIsolations) }
          : {}),
        ...(access.tenantDatabase === undefined ? {} : { DATABASE_TENANT_NAME: access.tenantDatabase }),
        ...poolVariables(
          client.connectionsPerReplica,
          isolation === undefined ? [] : (this.args.tiers ?? tierLimits()),
        ),
      },
      secrets: access.secrets,
      ...(access.authoritySecretName === undefined ? {} : { authoritySecretName: access.authoritySecretName }),
      ...(access.awsStatements === undefined ? {} : { awsStatements: access.awsStatements }),
    };
  }
}

function createEngine(
  name: string,
  args: ShardedDatabaseArgs,
  filled: EngineArgs,
  options: pulumi.CustomResourceOptions,
): DatabaseEngineAccess {
  const { vitess, aurora, external, issuer } = args;
  if (args.engine === DatabaseEngine.Vitess && vitess !== undefined && issuer !== undefined) {
    const settings = vitessDefaults(vitess);
    const recovery = args.recovery ?? backupRecovery(settings.backups.intervalHours);
    return new VitessEngine(
      name,
      { ...filled, ...settings, issuer, recovery, image: args.image ?? images.vitess },
      options,
    );
  }
  if (args.engine === DatabaseEngine.Aurora && aurora !== undefined) {
    return new AuroraEngine(name, { ...filled, connection: aurora, image: args.image ?? images.aws }, options);
  }
  if (args.engine === DatabaseEngine.External && external !== undefined) {
    const image = args.image ?? images[external.dialect];
    return new ExternalEngine(name, { ...filled, region: args.region, settings: external, image }, options);
  }
  throw new pulumi.RunError(`${args.engine} lacks its own arguments`);
}

/** What copies outside the cluster give: the newest that has ended began two intervals ago at worst. */
const backupRecovery = (intervalHours: number): RecoveryObjectives => ({
  pointSeconds: 2 * 3600 * intervalHours,
  timeSeconds: 4 * 3600,
});

function argumentProblems(args: ShardedDatabaseArgs): ArgumentProblem[] {
  const missing = (path: string, value: unknown, engine: DatabaseEngine) =>
    args.engine === engine && value === undefined
      ? [{ path, reason: `is missing: the engine ${engine} needs it` }]
      : [];
  return [
    ...databaseProblems(args),
    ...missing("aurora", args.aurora, DatabaseEngine.Aurora),
    ...missing("issuer", args.issuer, DatabaseEngine.Vitess),
    ...(args.recovery === undefined ? [] : recoveryProblems("recovery", args.recovery)),
  ];
}
