import { planProgram } from "../../../rehearsal/engine/plan";

type Flags = Record<string, string>;

interface Mount {
  mountPath: string;
  /** Of the ConfigMap that is mounted there. */
  files: Record<string, string>;
}

export interface DeclaredKeyspace {
  name: string;
  databaseName: string;
  shards: string[];
  tabletFlags: Flags;
  mounts: Mount[];
}

/** What a stack declares of a database on Vitess, read from the Kubernetes objects that it makes. */
export interface DeclaredDatabase {
  keyspaces: DeclaredKeyspace[];
  gatewayFlags: Flags;
  /** The gateways' file of users. */
  users: string;
  initScript: string;
  migration: { script: string; files: Record<string, string> };
}

interface SecretKey {
  name: string;
  key: string;
}

interface ClusterSpec {
  cells: { gateway: { extraFlags: Flags; authentication: { static: { secret: SecretKey } } } }[];
  keyspaces: {
    name: string;
    databaseName: string;
    partitionings: { equal: { parts: number; shardTemplate: ShardTemplate } }[];
  }[];
}

interface ShardTemplate {
  databaseInitScriptSecret: SecretKey;
  tabletPools: {
    vttablet: { extraFlags: Flags };
    extraVolumes: { name: string; configMap: { name: string } }[];
    extraVolumeMounts: { name: string; mountPath: string }[];
  }[];
}

interface KubernetesObject {
  kind: string;
  metadata: { name: string };
  [field: string]: unknown;
}

/** @param program makes a ShardedDatabase, and nothing else with a migration */
export async function declaredDatabase(program: () => void): Promise<DeclaredDatabase> {
  // As at an update: passwords are known.
  const { resources } = await planProgram(
    () => Promise.resolve(program()),
    "vitess",
    { config: {}, secrets: [] },
    false,
  );
  const objects = resources.map(({ props }) => props).filter(isObject);
  const find = (kind: string, name?: string): KubernetesObject => {
    const found = objects.find((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
    if (found === undefined) throw new Error(`no ${kind} ${name ?? ""}`);
    return found;
  };
  const configMap = (name: string) => (find("ConfigMap", name) as unknown as { data: Record<string, string> }).data;
  const secret = ({ name, key }: SecretKey): string => {
    const { stringData } = find("Secret", name) as unknown as { stringData: Record<string, string> };
    const text = stringData[key];
    if (text === undefined) throw new Error(`Secret ${name} has no key ${key}`);
    return text;
  };

  const { spec } = find("VitessCluster") as unknown as { spec: ClusterSpec };
  const gateway = first(spec.cells).gateway;
  const templateOf = (keyspace: ClusterSpec["keyspaces"][number]) => first(keyspace.partitionings).equal;
  return {
    keyspaces: spec.keyspaces.map((keyspace) => {
      const { parts, shardTemplate } = templateOf(keyspace);
      const pool = first(shardTemplate.tabletPools);
      return {
        name: keyspace.name,
        shards: equalParts(parts),
        databaseName: keyspace.databaseName,
        tabletFlags: pool.vttablet.extraFlags,
        mounts: pool.extraVolumeMounts.map(({ name, mountPath }) => {
          const volume = pool.extraVolumes.find((each) => each.name === name);
          return { mountPath, files: configMap(volume?.configMap.name ?? "") };
        }),
      };
    }),
    gatewayFlags: gateway.extraFlags,
    users: secret(gateway.authentication.static.secret),
    initScript: secret(templateOf(first(spec.keyspaces)).shardTemplate.databaseInitScriptSecret),
    migration: migrationOf(find("Job"), configMap),
  };
}

interface JobSpec {
  template: {
    spec: {
      containers: { command: string[] }[];
      volumes: { name: string; configMap?: { name: string } }[];
    };
  };
}

function migrationOf(
  job: KubernetesObject,
  configMap: (name: string) => Record<string, string>,
): DeclaredDatabase["migration"] {
  const { spec } = (job.spec as JobSpec).template;
  const content = spec.volumes.find(({ name }) => name === "content");
  return { script: first(spec.containers).command.at(-1) ?? "", files: configMap(content?.configMap?.name ?? "") };
}

/** As the operator names them. */
function equalParts(parts: number): string[] {
  const bound = (index: number) =>
    index % parts === 0
      ? ""
      : Math.ceil((index * 256) / parts)
          .toString(16)
          .padStart(2, "0");
  return Array.from({ length: parts }, (_, index) => `${bound(index)}-${bound(index + 1)}`);
}

function isObject(props: Record<string, unknown>): props is KubernetesObject {
  return typeof props.kind === "string" && typeof props.metadata === "object";
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error("there is none");
  return item;
}
