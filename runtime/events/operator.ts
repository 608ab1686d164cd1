import { deadLetterRequest } from "./dead-letters";
import { toStandardOutput } from "./kafka";
import { handleDeadLetters } from "./redrive";
import { eventSettings } from "./settings";

/** The program of the bus's operator: does what its environment asks for, prints a JSON line for each result, and ends. */
async function main(): Promise<void> {
  const { connection, routes } = eventSettings(process.env);
  const { task, subscriptions, filter } = deadLetterRequest(process.env, routes.subscriptions);
  const operator = process.env.KAFKA_USERNAME;
  if (operator === undefined) throw new Error("KAFKA_USERNAME is missing.");
  for (const subscription of subscriptions) {
    const counts = await handleDeadLetters({
      ...{ operator, connection, subscription, task, filter },
      log: toStandardOutput,
    });
    toStandardOutput({ level: "info", message: `${task} ended`, topic: subscription.deadLetterTopic, ...counts });
  }
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  toStandardOutput({ level: "error", message });
  process.exitCode = 1;
});
