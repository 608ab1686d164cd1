import { deadLetterRequest } from "./dead-letters";
import { toStandardOutput } from "./kafka";
import { handleDeadLetters } from "./redrive";
import { eventSettings } from "./settings";

/** The program of the bus's operator: does what its environment asks for, prints a JSON line for each result, and ends. */
async function main(): Promise<void> {
  const { connection, routes } = eventSettings(process.env);
  const { task, subscriptions, ...asked } = deadLetterRequest(process.env, routes.subscriptions);
  const operator = process.env.KAFKA_USERNAME;
  if (operator === undefined) throw new Error("KAFKA_USERNAME is missing.");
  // Kubernetes asks a job that is past its deadline, or deleted, to end before it kills it.
  const interruption = new AbortController();
  process.once("SIGTERM", () =>
    interruption.abort(new Error("Interrupted: the next job goes on behind what was done.")),
  );
  for (const subscription of subscriptions) {
    const counts = await handleDeadLetters({
      ...{ operator, connection, subscription, task, ...asked },
      ...{ log: toStandardOutput, signal: interruption.signal },
    });
    toStandardOutput({ level: "info", message: `${task} ended`, topic: subscription.deadLetterTopic, ...counts });
  }
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  toStandardOutput({ level: "error", message });
  process.exitCode = 1;
});
