import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import type { VitessEngineArgs } from "../engines/vitess";
import { restricted } from "../../service/pod";
import { topologyHost } from "./objects";
import { resourceRequirements } from "../../service/size";
import { memoryOptions, vitessSize } from "./sizes";
import { cellName } from "./topology";

export const scratchFolders = {
  data: "/vt/vtdataroot",
  socket: "/vt/socket",
  init: "/init",
  credentials: "/credentials",
};

/** What a drill restores, one shard of one database in each of its pods. */
export interface DrillTargets {
  databases: string[];
  /** Of each of the databases. */
  shards: string[];
}

/** What tells each pod of an indexed Job which shard is its own, and what its tablet is called. */
export function targetEnvironment(
  drill: string,
  { databases, shards }: DrillTargets,
  zones: readonly string[],
): types.input.core.v1.EnvVar[] {
  return [
    { name: "DATABASES", value: databases.join(" ") },
    { name: "SHARDS", value: shards.join(" ") },
    { name: "CELL", value: cellName(zones[0] ?? "") },
    { name: "FIRST_TABLET", value: String(firstTablet(drill)) },
  ];
}

/** Of the drill's own: the operator's numbers are drawn from the same range, by chance. */
const firstTablet = (drill: string): number =>
  Number.parseInt(createHash("sha256").update(drill).digest("hex").slice(0, 7), 16);

/** All shards of the first database come first, then those of the second; the tablet's alias is as Vitess writes it. */
export const targetScript = `item() { shift "$(($1 + 1))"; printf '%s\\n' "$1"; }
count() { echo "$#"; }
shards="$(count $SHARDS)"
KEYSPACE="$(item "$((JOB_COMPLETION_INDEX / shards))" $DATABASES)"
SHARD="$(item "$((JOB_COMPLETION_INDEX % shards))" $SHARDS)"
TABLET_ID="$((FIRST_TABLET + JOB_COMPLETION_INDEX))"
TABLET="$(printf '%s-%010d' "$CELL" "$TABLET_ID")"
`;

/**
 * Stays from drill to drill: a claim of each pod's own would last as long as the finished pod is shown, and leave its volume
 * behind for good, for the database's StorageClass keeps what claims leave.
 */
export const scratchClaim = ({
  gibibytes,
  storageClassName,
}: Pick<VitessEngineArgs, "gibibytes" | "storageClassName">): types.input.core.v1.PersistentVolumeClaimSpec => ({
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: `${gibibytes}Gi` } },
  ...(storageClassName === undefined ? {} : { storageClassName }),
});

export function scratchVolumes(
  cluster: string,
  claimName: pulumi.Input<string>,
  { backups }: Pick<VitessEngineArgs, "backups">,
): types.input.core.v1.Volume[] {
  return [
    { name: "socket", emptyDir: { sizeLimit: "16Mi" } },
    { name: "init", secret: { secretName: `${cluster}-init-script` } },
    ...(backups.credentials === undefined
      ? []
      : [{ name: "credentials", secret: { secretName: backups.credentials.name } }]),
    { name: "data", persistentVolumeClaim: { claimName } },
  ];
}

/** MySQL's agent, and a tablet over it that begins by restoring the newest backup of its pod's shard. */
export function scratchSidecars(
  cluster: string,
  targets: types.input.core.v1.EnvVar[],
  { namespace, image, size, backups }: Pick<VitessEngineArgs, "namespace" | "image" | "size" | "backups">,
): types.input.core.v1.Container[] {
  const { mysqld, vttablet } = vitessSize(size);
  const { data, socket, init, credentials } = scratchFolders;
  const sockets = { agent: `${socket}/mysqlctl.sock`, mysql: `${socket}/mysql.sock` };
  const container = (
    name: string,
    start: string,
    flags: Record<string, string>,
    check: types.input.core.v1.Probe,
    further: types.input.core.v1.EnvVar[] = [],
  ): types.input.core.v1.Container => ({
    name,
    image,
    command: ["/bin/sh", "-ceu", targetScript + start, name],
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    restartPolicy: "Always",
    env: [
      { name: "VTROOT", value: "/vt" },
      { name: "VTDATAROOT", value: data },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      ...targets,
      ...further,
      ...(backups.credentials === undefined
        ? []
        : [{ name: "AWS_SHARED_CREDENTIALS_FILE", value: `${credentials}/${backups.credentials.key}` }]),
    ],
    securityContext: restricted,
    startupProbe: { ...check, periodSeconds: 5, failureThreshold: 120 },
    readinessProbe: { ...check, periodSeconds: 10 },
    livenessProbe: { ...check, periodSeconds: 30, failureThreshold: 10 },
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      { name: "socket", mountPath: socket },
      { name: "data", mountPath: data },
      { name: "init", mountPath: init, readOnly: true },
      ...(backups.credentials === undefined ? [] : [{ name: "credentials", mountPath: credentials, readOnly: true }]),
    ],
  });
  return [
    {
      ...container(
        "mysqlctld",
        startAgent,
        {
          "socket-file": sockets.agent,
          "mysql-socket": sockets.mysql,
          "db-dba-user": "vt_dba",
          "db-charset": "utf8mb4",
          "init-db-sql-file": `${init}/init_db.sql`,
        },
        { exec: { command: ["test", "-S", sockets.agent] } },
        [{ name: "MEMORY_OPTIONS", value: memoryOptions({ mysqld }).join("\n") }],
      ),
      resources: resourceRequirements(mysqld),
    },
    {
      ...container(
        "vttablet",
        startTablet,
        {
          "topo-implementation": "etcd2",
          "topo-global-server-address": `${topologyHost(namespace)}:2379`,
          "topo-global-root": `/vitess/${cluster}/global`,
          "init-tablet-type": "spare",
          "mysqlctl-socket": sockets.agent,
          "db-socket": sockets.mysql,
          "service-map": "grpc-queryservice,grpc-tabletmanager,grpc-updatestream",
          port: "15000",
          "grpc-port": "15999",
          "restore-from-backup": "true",
          "backup-storage-implementation": "s3",
          "s3-backup-aws-region": backups.region,
          "s3-backup-storage-bucket": backups.bucket,
          "s3-backup-storage-root": cluster,
          ...(backups.endpoint === undefined ? {} : { "s3-backup-aws-endpoint": backups.endpoint }),
        },
        { tcpSocket: { port: 15_999 } },
      ),
      resources: resourceRequirements(vttablet),
    },
  ];
}

/**
 * What the shard before left goes, once in each pod. Vitess appends the files that EXTRA_MY_CNF names to the `my.cnf` that it
 * writes.
 */
const startAgent = `if [ ! -e /tmp/emptied ]; then rm -rf "$VTDATAROOT"/vt_*; touch /tmp/emptied; fi
printf '%s\\n' "$MEMORY_OPTIONS" > /tmp/memory.cnf
export EXTRA_MY_CNF=/tmp/memory.cnf
exec mysqlctld --tablet-uid="$TABLET_ID" "$@"
`;

const startTablet = `exec vttablet --tablet-path="$TABLET" --tablet-hostname="$POD_IP" --init-keyspace="$KEYSPACE" \\
  --init-shard="$SHARD" --init-db-name-override="$KEYSPACE" "$@"
`;
