/**
 * The event store is the topic itself: an event is appended to the log of its aggregate and dispatched to each subscription from
 * there, so that neither can happen without the other.
 */

const hour = 3_600_000;

/** Between two uploads at most: what the archive lacks when all brokers are lost. */
export const segmentSeconds = 3600;

/** For which brokers keep on their own volumes what is in the object store too. */
const localHours = 168;

/** Nothing is ever deleted or replaced. */
export function eventStoreSettings(isTiered: boolean): Record<string, string | number> {
  return {
    "cleanup.policy": "delete",
    "retention.ms": -1,
    "retention.bytes": -1,
    ...(isTiered
      ? {
          "remote.storage.enable": "true",
          "local.retention.ms": localHours * hour,
          // Only a segment that is closed is uploaded.
          "segment.ms": segmentSeconds * 1000,
        }
      : {}),
  };
}
