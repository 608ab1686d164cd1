/** What a replica of Dragonfly gets for its GiB of memory. */
export interface ReplicaSize {
  /** MiB that data may take. The rest is for connections, snapshots and fragments. */
  dataMebibytes: number;
  /** Threads, each with a part of the data of its own. */
  threads: number;
  /** CPU that it requests. */
  cpu: string;
  /** GiB of its volume: while a snapshot is written, the one before is still there. */
  volumeGibibytes: number;
}

/** A process refuses writes at 1.25 times what data may take: before that the kernel must not have killed it. */
const dataShare = 0.75;
const threadsPerGibibyte = 1 / 2;
const mostThreads = 8;

/** A thread needs 256 MiB for its data, or the process doesn't start. */
export function replicaSize(gibibytes: number): ReplicaSize {
  const threads = Math.min(mostThreads, Math.max(1, Math.floor(gibibytes * threadsPerGibibyte)));
  return {
    dataMebibytes: Math.floor(gibibytes * 1024 * dataShare),
    threads,
    cpu: `${500 * threads}m`,
    volumeGibibytes: 2 * gibibytes,
  };
}
