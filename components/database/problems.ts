import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { auroraBudget } from "./aurora/sizes";
import { backupProblems } from "./backups";
import { type Capabilities, capabilitiesOf, DatabaseEngine, lacks, type Wanted } from "./capabilities";
import { Size } from "../service/size";
import { type ShardedDatabaseArgs, vitessDefaults, withDefaults } from "./database-args";
import { budgetProblems } from "./pools";
import { shardProblems } from "./shards";
import { tableProblems } from "./tables";
import {
  databasesOf,
  isDividedByTenant,
  KeyspaceIsolation,
  partsOf,
  tenantIdentifier,
  TenantIsolation,
} from "./tenancy";
import { vitessBudget } from "./vitess/sizes";
import { durabilityProblems } from "./vitess/topology";

/** What is judged: all but what only the stack that makes it knows. */
export type DatabaseShape = Omit<ShardedDatabaseArgs, "namespace" | "clientsNamespace" | "issuer" | "aurora">;

/** Connections of all services together that a database accepts. */
export function connectionBudget({ engine, size = Size.Small, external }: DatabaseShape): number {
  switch (engine) {
    case DatabaseEngine.Vitess:
      return vitessBudget(size);
    case DatabaseEngine.Aurora:
      return auroraBudget(size);
    case DatabaseEngine.External:
      return external?.connectionBudget ?? 0;
  }
}

/** Everything that is wrong with a database's arguments, in their order. */
export function databaseProblems(args: DatabaseShape): ArgumentProblem[] {
  const capabilities = capabilitiesOf(args.engine, args.external?.product);
  const { clients } = withDefaults(args);
  const demands = clients.map(({ service, replicas, connectionsPerReplica }) => ({
    ...{ service, replicas, connectionsPerReplica },
  }));
  const needed = { [DatabaseEngine.Vitess]: args.vitess, [DatabaseEngine.External]: args.external };
  const settings =
    args.engine !== DatabaseEngine.Aurora && needed[args.engine] === undefined
      ? [{ path: args.engine, reason: `is missing: the engine ${args.engine} needs it` }]
      : [];
  return [
    ...settings,
    ...keyspaceProblems(args, capabilities),
    ...tenantProblems(args),
    ...databaseNameProblems(args),
    ...clientProblems(args, capabilities),
    ...wholeNumberProblems("gibibytes", args.gibibytes, 1, 65_536),
    ...wholeNumberProblems("drillDays", args.drillDays, 7, 365),
    ...(args.engine === DatabaseEngine.External && args.external === undefined
      ? []
      : budgetProblems("budget", demands, connectionBudget(args))),
    ...vitessProblems(args),
  ];
}

/** The field of a keyspace that says what an engine lacks for it. */
const keyspaceFields: Partial<Record<keyof Wanted, string>> = {
  shards: "shards",
  regions: "spansRegions",
  tenantIsolation: "tenantIsolation",
};

function keyspaceProblems(args: DatabaseShape, capabilities: Capabilities): ArgumentProblem[] {
  const { keyspaces } = withDefaults(args);
  const isVitess = args.engine === DatabaseEngine.Vitess;
  const names = keyspaces.map(({ name }) => name);
  const spans = new Set(keyspaces.map(({ spansRegions }) => spansRegions));
  const mixed =
    args.engine === DatabaseEngine.Aurora && args.regions.length > 1 && spans.size > 1
      ? [{ path: "keyspaces", reason: "must all span regions or none of them, for they are in one cluster of Aurora" }]
      : [];
  const none = keyspaces.length === 0 ? [{ path: "keyspaces", reason: "must name one at least" }] : [];
  return [
    ...none,
    ...mixed,
    ...keyspaces.flatMap((keyspace, index): ArgumentProblem[] => {
      const at = `keyspaces[${index}]`;
      const { name, shards, reshardTo, spansRegions, tenantIsolation, tables } = keyspace;
      const wanted: Wanted = {
        shards: Math.max(shards, reshardTo ?? 1),
        regions: spansRegions ? args.regions.length : 1,
        ...(tenantIsolation === undefined ? {} : { tenantIsolation }),
      };
      return [
        ...(names.indexOf(name) === index ? [] : [{ path: `${at}.name`, reason: `"${name}" is there already` }]),
        ...(/^[a-z][a-z0-9_]{0,31}$/.test(name)
          ? []
          : [{ path: `${at}.name`, reason: `"${name}" must be 1 to 32 lower-case letters, digits and underscores` }]),
        ...shardProblems(`${at}.shards`, shards),
        ...(reshardTo === undefined ? [] : reshardProblems(`${at}.reshardTo`, shards, reshardTo)),
        ...lacks(capabilities, wanted).map(({ field, reason }) => ({
          path: `${at}.${keyspaceFields[field] ?? field}`,
          reason,
        })),
        ...tableProblems(`${at}.tables`, tables, isVitess && tenantIsolation !== TenantIsolation.SharedDatabase),
      ];
    }),
  ];
}

function reshardProblems(path: string, shards: number, reshardTo: number): ArgumentProblem[] {
  if (reshardTo === shards) return [{ path, reason: `is ${reshardTo}, as many as there are: leave it out` }];
  return shardProblems(path, reshardTo);
}

/** Schemas that every database has, of which one is where everybody's tables are. */
const ownSchema = /^(public|information_schema|crdb_internal|pg_.*)$/;

function tenantProblems({ keyspaces, tenants = [], external }: DatabaseShape): ArgumentProblem[] {
  const apart = keyspaces.findIndex(isDividedByTenant);
  const missing =
    apart !== -1 && tenants.length === 0
      ? [{ path: "tenants", reason: `must name one at least: keyspaces[${apart}] is divided by them` }]
      : [];
  const haveSchemas = keyspaces.some(
    ({ tenantIsolation }) =>
      tenantIsolation === TenantIsolation.SchemaPerTenant || tenantIsolation === KeyspaceIsolation.ByTenant,
  );
  // PostgreSQL looks for tables in the schema with the account's name before others.
  const isTaken = (schema: string) => haveSchemas && (ownSchema.test(schema) || schema === external?.username);
  return [
    ...missing,
    ...tenants.flatMap((tenant, index) => [
      ...(isTaken(tenantIdentifier(tenant))
        ? [{ path: `tenants[${index}]`, reason: `"${tenant}" is a schema that the database has for itself` }]
        : []),
      ...(/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(tenant)
        ? []
        : [{ path: `tenants[${index}]`, reason: `"${tenant}" must be a DNS label of 30 characters at most` }]),
      ...(tenants.indexOf(tenant) === index
        ? []
        : [{ path: `tenants[${index}]`, reason: `"${tenant}" is there already` }]),
    ]),
  ];
}

/** Two that are one would have each other's rows, and go together. */
function databaseNameProblems({ keyspaces, tenants = [], tenantIsolations = {} }: DatabaseShape): ArgumentProblem[] {
  const owners = new Map<string, string>();
  return keyspaces.flatMap((keyspace, index) => {
    const parts = partsOf(keyspace, tenants, tenantIsolations);
    const databases = new Set(parts.flatMap((part) => databasesOf(part, part.tenants)));
    return [...databases].flatMap((database) => {
      const owner = owners.get(database);
      owners.set(database, keyspace.name);
      if (owner === undefined || owner === keyspace.name) return [];
      const reason = `has the database "${database}", as "${owner}" has: rename one of them`;
      return [{ path: `keyspaces[${index}].name`, reason }];
    });
  });
}

function clientProblems(args: DatabaseShape, capabilities: Capabilities): ArgumentProblem[] {
  const { clients, keyspaces } = withDefaults(args);
  return clients.flatMap(({ keyspace, reads, consistency, connectionsPerReplica }, index): ArgumentProblem[] => {
    const at = `clients[${index}]`;
    const own = keyspaces.find(({ name }) => name === keyspace);
    if (own === undefined) {
      return [{ path: `${at}.keyspace`, reason: `"${keyspace}" is no keyspace of this database` }];
    }
    const found = lacks(capabilities, { reads: { preference: reads, consistency } });
    return [
      ...found.map(({ reason }) => ({ path: `${at}.consistency`, reason })),
      ...wholeNumberProblems(`${at}.connectionsPerReplica`, connectionsPerReplica, 1, 500),
    ];
  });
}

function vitessProblems({ engine, vitess }: DatabaseShape): ArgumentProblem[] {
  if (engine !== DatabaseEngine.Vitess || vitess === undefined) return [];
  const { zones, durability, backups, batchReplicas, gatewayReplicas } = vitessDefaults(vitess);
  return [
    ...(zones.length === 0 ? [{ path: "vitess.zones", reason: "must name one at least" }] : []),
    ...durabilityProblems("vitess.durability", durability, zones),
    ...wholeNumberProblems("vitess.batchReplicas", batchReplicas, 0, 10),
    ...wholeNumberProblems("vitess.gatewayReplicas", gatewayReplicas, 2, 50),
    ...backupProblems("vitess.backups", backups),
  ];
}
