import { type Demands, isMissingOr, isSet, judge } from "./demands";
import { edge } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, numberOf, some, unknown, type Answer } from "./values";

interface QueueConfig {
  maxRetries: number;
  minDeadLetterDays: number;
}

export const edgeDeadLetters = definePolicy<QueueConfig>({
  metadata: edgeMetadata.edgeDeadLetters,
  settings: {
    maxRetries: {
      type: "integer",
      minimum: 0,
      maximum: 100,
      default: 10,
      description: "The most retries of a message.",
    },
    minDeadLetterDays: {
      type: "integer",
      minimum: 1,
      maximum: 14,
      default: 7,
      description: "The least days for which a dead-letter queue keeps a message.",
    },
  },
  resource: (resource, { maxRetries }) =>
    ofKind([resource], edge.consumer)
      .filter(({ props }) => equal(at(props, "type"), "notification") === false)
      .flatMap((consumer) => judge(consumer, demands(maxRetries))),
  stack: (resources, { minDeadLetterDays }) => {
    const queues = ofKind(resources, edge.queue);
    const consumers = ofKind(resources, edge.consumer);
    return [
      ...queues
        .filter((queue) => some(consumers.map((consumer) => gets(queue, consumer))) === true)
        .flatMap((queue) => checkRetention(queue, minDeadLetterDays)),
      ...consumers
        .filter((consumer) => some(queues.map((queue) => isCircle(queue, consumer))) === true)
        .map((resource): Finding => ({
          resource,
          path: "deadLetterQueue",
          reason: "is its own, so nothing ever ends",
        })),
    ];
  },
});

const demands = (maxRetries: number): Demands => ({
  [edge.consumer]: [
    ["deadLetterQueue", isSet, "so a message that can't be handled is deleted"],
    // Three where nothing is set: https://developers.cloudflare.com/queues/configuration/dead-letter-queues/
    [
      "settings.maxRetries",
      isMissingOr((value) => typeof value === "number" && value <= maxRetries),
      `must be at most ${maxRetries}`,
    ],
  ],
});

/** Whether a queue gets what a consumer gives up on. */
function gets(queue: Resource, consumer: Resource): Answer {
  return equal(at(queue.props, "queueName"), at(consumer.props, "deadLetterQueue"));
}

function isCircle(queue: Resource, consumer: Resource): Answer {
  const id = at(queue.props, "queueId") ?? unknown;
  return every([gets(queue, consumer), equal(id, at(consumer.props, "queueId"))]);
}

const daySeconds = 86_400;
/** Where nothing is set: https://developers.cloudflare.com/queues/configuration/dead-letter-queues/ */
const standardDays = 4;

function checkRetention(resource: Resource, minDays: number): Finding[] {
  const seconds = numberOf(at(resource.props, "settings", "messageRetentionPeriod") ?? standardDays * daySeconds);
  const isShort = typeof seconds === "number" && seconds < minDays * daySeconds;
  const reason = `is ${String(seconds)} seconds, must be at least ${minDays} days: somebody has to look first`;
  return isShort ? [{ resource, path: "settings.messageRetentionPeriod", reason }] : [];
}
