import { Size } from "../../service/size";

interface AuroraSize {
  instanceClass: string;
  memoryGibibytes: number;
}

/** Of each instance; on Graviton, for which a third of the price is less. */
const sizes: Record<Size, AuroraSize> = {
  [Size.Small]: { instanceClass: "db.r8g.large", memoryGibibytes: 16 },
  [Size.Medium]: { instanceClass: "db.r8g.2xlarge", memoryGibibytes: 64 },
  [Size.Large]: { instanceClass: "db.r8g.8xlarge", memoryGibibytes: 256 },
};

export const auroraSize = (size: Size): AuroraSize => sizes[size];

/** Aurora's own default of max_connections: LEAST({DBInstanceClassMemory/9531392}, 5000). */
const bytesPerConnection = 9_531_392;
const mostConnections = 5000;
/** Of an instance's memory, what the database has of it. */
const databaseShare = 0.9;

/**
 * Of max_connections, what the proxy may take. A quarter is for writes that a Global Database's other regions forward
 * (apg_write_forward.max_forwarding_connections_percent), the rest for migrations, drills and Amazon's own.
 */
export const proxyPercent = 65;

/** Connections of all services together: as many as the proxy may have to the writer, for at worst each is in a transaction. */
export function auroraBudget(size: Size): number {
  const memory = sizes[size].memoryGibibytes * 2 ** 30 * databaseShare;
  return Math.floor((Math.min(memory / bytesPerConnection, mostConnections) * proxyPercent) / 100);
}
