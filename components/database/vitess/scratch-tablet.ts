import type { types } from "@pulumi/kubernetes";
import { createHash } from "node:crypto";
import type { VitessEngineArgs } from "../engines/vitess";
import { restricted } from "../../service/pod";
import { topologyHost } from "./objects";
import { resourceRequirements } from "../../service/size";
import { vitessSize } from "./sizes";
import { cellName } from "./topology";

export const scratchFolders = {
  data: "/vt/vtdataroot",
  socket: "/vt/socket",
  init: "/init",
  credentials: "/credentials",
};

interface DrillTablet {
  cell: string;
  id: number;
  /** As Vitess names it. */
  alias: string;
}

/** Of the drill's own: the operator's numbers are drawn from the same range, by chance. */
export function drillTablet(drill: string, zones: readonly string[]): DrillTablet {
  const id = Number.parseInt(createHash("sha256").update(drill).digest("hex").slice(0, 7), 16);
  const cell = cellName(zones[0] ?? "");
  return { cell, id, alias: `${cell}-${String(id).padStart(10, "0")}` };
}

type VolumeArgs = Pick<VitessEngineArgs, "backups" | "gibibytes" | "storageClassName">;

export function scratchVolumes(
  cluster: string,
  { backups, gibibytes, storageClassName }: VolumeArgs,
): types.input.core.v1.Volume[] {
  return [
    { name: "socket", emptyDir: { sizeLimit: "16Mi" } },
    { name: "init", secret: { secretName: `${cluster}-init-script` } },
    ...(backups.credentials === undefined
      ? []
      : [{ name: "credentials", secret: { secretName: backups.credentials.name } }]),
    {
      name: "data",
      // Goes with its pod.
      ephemeral: {
        volumeClaimTemplate: {
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: `${gibibytes}Gi` } },
            ...(storageClassName === undefined ? {} : { storageClassName }),
          },
        },
      },
    },
  ];
}

/** MySQL's agent, and a tablet over it that begins by restoring the newest backup. */
export function scratchSidecars(
  cluster: string,
  { database, shard, tablet }: { database: string; shard: string; tablet: DrillTablet },
  { namespace, image, size, backups }: Pick<VitessEngineArgs, "namespace" | "image" | "size" | "backups">,
): types.input.core.v1.Container[] {
  const { mysqld, vttablet } = vitessSize(size);
  const { data, socket, init, credentials } = scratchFolders;
  const sockets = { agent: `${socket}/mysqlctl.sock`, mysql: `${socket}/mysql.sock` };
  const container = (
    command: string,
    flags: Record<string, string>,
    check: types.input.core.v1.Probe,
  ): types.input.core.v1.Container => ({
    name: command,
    image,
    command: [`/vt/bin/${command}`],
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    restartPolicy: "Always",
    env: [
      { name: "VTROOT", value: "/vt" },
      { name: "VTDATAROOT", value: data },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
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
        {
          "tablet-uid": String(tablet.id),
          "socket-file": sockets.agent,
          "mysql-socket": sockets.mysql,
          "db-dba-user": "vt_dba",
          "db-charset": "utf8mb4",
          "init-db-sql-file": `${init}/init_db.sql`,
        },
        { exec: { command: ["test", "-S", sockets.agent] } },
      ),
      resources: resourceRequirements(mysqld),
    },
    {
      ...container(
        "vttablet",
        {
          "topo-implementation": "etcd2",
          "topo-global-server-address": `${topologyHost(namespace)}:2379`,
          "topo-global-root": `/vitess/${cluster}/global`,
          "tablet-path": tablet.alias,
          "tablet-hostname": "$(POD_IP)",
          "init-keyspace": database,
          "init-shard": shard,
          "init-tablet-type": "spare",
          "init-db-name-override": database,
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
