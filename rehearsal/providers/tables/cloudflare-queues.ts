import { between, matches, oneOf } from "./checks";
import { absent, created, identifier, isTaken } from "./cloudflare-facts";
import { refuseWorkerName, workerName } from "./cloudflare-workers";
import { replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

const queue = "cloudflare:index/queue:Queue";
const consumer = "cloudflare:index/queueConsumer:QueueConsumer";

const queueName = matches(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "at most 63 small letters, digits and inner hyphens");

/** Seconds; this and the bounds below: https://developers.cloudflare.com/queues/platform/limits/ */
const delay = between(0, 86_400);

/** Settings that only one of the two kinds of consumers has. */
function settingsProblem({ settings, type }: Properties): string | undefined {
  const given = isObject(settings) ? settings : {};
  const foreign = type === "worker" ? ["visibilityTimeoutMs"] : ["maxConcurrency", "maxWaitTimeMs"];
  const found = foreign.find((name) => given[name] !== undefined);
  return found && `can't have ${found} with the type ${String(type)}`;
}

const scriptProblem = ({ scriptName, type }: Properties): string | undefined => {
  if (type === "worker") return scriptName === undefined ? "must be set with the type worker" : undefined;
  return scriptName === undefined ? undefined : "is for the type worker alone";
};

export const cloudflareQueuesTypes: Record<string, ResourceType> = {
  [queue]: {
    inputs: { ...replaces("accountId jurisdiction"), ...updates("queueName settings") },
    required: ["accountId", "queueName"],
    checks: {
      accountId: identifier,
      queueName,
      "settings.deliveryDelay": delay,
      // From a minute to 14 days.
      "settings.messageRetentionPeriod": between(60, 1_209_600),
    },
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, queue, "queueName")
        ? `11009: Queue name '${String(facts.inputs.queueName)}' is already taken.`
        : undefined,
    outputs: { ...created, queueId: ({ id }) => id },
  },
  [consumer]: {
    inputs: { ...replaces("accountId queueId"), ...updates("deadLetterQueue scriptName settings type") },
    required: ["accountId", "queueId", "type"],
    checks: {
      accountId: identifier,
      queueId: identifier,
      type: oneOf("worker", "http_pull"),
      deadLetterQueue: queueName,
      scriptName: workerName,
      "settings.batchSize": between(1, 100),
      "settings.maxConcurrency": between(1, 250),
      "settings.maxRetries": between(0, 100),
      "settings.maxWaitTimeMs": between(0, 60_000),
      "settings.retryDelay": delay,
      "settings.visibilityTimeoutMs": between(0, 43_200_000),
    },
    combinations: [
      { reads: ["settings", "type"], problem: settingsProblem },
      { reads: ["scriptName", "type"], problem: scriptProblem },
    ],
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      absent(neighbours, queue, facts.inputs.queueId, `no queue ${String(facts.inputs.queueId)}`) ??
      (isTaken(facts, neighbours, consumer, "queueId") ? "the queue has a consumer already" : undefined) ??
      refuseWorkerName(facts.inputs.scriptName, neighbours),
    outputs: {
      consumerId: ({ id }) => id,
      createdOn: created.createdOn,
      queueName: ({ inputs }, neighbours) =>
        neighbours(queue).find(({ id }) => id === inputs.queueId)?.properties.queueName,
    },
  },
};
