import { type ContainerResources, Size } from "../../service/size";

/** What a database of a size is made of; the sizes of services are too small for one. */
interface VitessSize {
  /** Writes, as transactions that one shard's primary has open at once: more wait, and then fail. */
  transactions: number;
  /** Queries outside transactions that one shard's primary runs at once; more wait. */
  queries: number;
  mysqld: ContainerResources;
  vttablet: ContainerResources;
  gateway: ContainerResources;
}

const sizes: Record<Size, VitessSize> = {
  [Size.Small]: {
    transactions: 300,
    queries: 50,
    mysqld: { cpu: "500m", memory: "2Gi" },
    vttablet: { cpu: "250m", memory: "512Mi" },
    gateway: { cpu: "250m", memory: "512Mi" },
  },
  [Size.Medium]: {
    transactions: 1200,
    queries: 200,
    mysqld: { cpu: "2", memory: "8Gi" },
    vttablet: { cpu: "1", memory: "2Gi" },
    gateway: { cpu: "1", memory: "1Gi" },
  },
  [Size.Large]: {
    transactions: 4000,
    queries: 500,
    mysqld: { cpu: "8", memory: "64Gi" },
    vttablet: { cpu: "4", memory: "8Gi" },
    gateway: { cpu: "4", memory: "4Gi" },
  },
};

export const vitessSize = (size: Size): VitessSize => sizes[size];

/**
 * MySQL's own defaults are for a desktop: 128 MiB of pages, 100 MiB of redo log. Connections, sorts and the kernel's copy of
 * the logs need the other two fifths; a log of a quarter of the pool lets it write its pages without haste, and a restart read
 * it in minutes.
 */
export function mysqlMemory({ mysqld }: Pick<VitessSize, "mysqld">): {
  bufferPoolMebibytes: number;
  redoLogMebibytes: number;
} {
  const bufferPoolMebibytes = Math.floor(1024 * Number.parseInt(mysqld.memory, 10) * 0.6);
  return { bufferPoolMebibytes, redoLogMebibytes: Math.min(8192, Math.floor(bufferPoolMebibytes / 4)) };
}

/** The same as lines of `my.cnf`, for whatever runs MySQL with the memory of that size. */
export function memoryOptions(size: Pick<VitessSize, "mysqld">): string[] {
  const { bufferPoolMebibytes, redoLogMebibytes } = mysqlMemory(size);
  return [`innodb_buffer_pool_size = ${bufferPoolMebibytes}M`, `innodb_redo_log_capacity = ${redoLogMebibytes}M`];
}

/**
 * Connections of all services together. Gateways share few connections to MySQL among many clients, but a client that is in a
 * transaction holds one, and at worst all are in one on the same shard.
 */
export const vitessBudget = (size: Size): number => sizes[size].transactions;

/** A database's disk is its volume: the node's holds logs and sockets alone. */
export const storeResources = ({ cpu, memory }: ContainerResources) => ({
  requests: { cpu, memory },
  limits: { memory },
});
