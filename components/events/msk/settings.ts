import type { TopicSettings } from "../topics";

/**
 * Offsets are kept for a year, as on Strimzi: a group that was away for longer would begin its event stores anew. What else
 * Express brokers let one set: https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-express-read-write.html
 */
export const serverProperties = "offsets.retention.minutes=525600\n";

/** Milliseconds. Express brokers take nothing less than a week, by the same page. */
const leastCompactionLag = 7 * 86_400_000;

/** As Express brokers take it. */
export function topicConfiguration({ configuration }: Pick<TopicSettings, "configuration">): Record<string, string> {
  const entries = Object.entries(configuration).map(([key, value]) => {
    return [key, String(key === "max.compaction.lag.ms" ? Math.max(Number(value), leastCompactionLag) : value)];
  });
  return Object.fromEntries(entries);
}
