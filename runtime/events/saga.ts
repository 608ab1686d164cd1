import { z } from "zod";
import type { EventHandler } from "./delivery";
import type { EventEnvelope, NewEvent } from "./envelope";

const answer = z.object({
  type: z.string(),
  version: z.int().positive(),
  /** Properties of its data by those of the data of the event that it answers. */
  fields: z.record(z.string(), z.string()),
  values: z.record(z.string(), z.string()),
});

const saga = z.object({
  name: z.string(),
  /** Property of what it publishes by which that stays in order. */
  key: z.string(),
  begins: z.array(z.string()).min(1),
  ends: z.array(z.string()).min(1),
  answers: z.record(z.string(), z.array(answer)),
});

/** A saga as the platform tells its coordinator: what to publish in answer to which event. */
export type Saga = z.infer<typeof saga>;
type Answer = z.infer<typeof answer>;

/**
 * Reads the sagas that the platform lets a service coordinate; none where it doesn't say any.
 * @throws with all that is wrong.
 */
export function sagaSettings({ OMEGA_SAGAS }: NodeJS.ProcessEnv): Saga[] {
  if (OMEGA_SAGAS === undefined) return [];
  const parsed = z.array(saga).safeParse(parsedJson(OMEGA_SAGAS));
  if (parsed.success) return parsed.data;
  throw new Error(`OMEGA_SAGAS has no valid sagas:\n${z.prettifyError(parsed.error)}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Which sagas have begun and not ended. Replicas share it, so it belongs into the service's own database. What it is told twice
 * it must take once.
 */
export interface OpenSagas {
  begin(saga: string, correlationId: string, at: Date): Promise<void>;
  end(saga: string, correlationId: string): Promise<void>;
  /** When the oldest one that is open began; undefined where none is. */
  oldest(saga: string): Promise<Date | undefined>;
}

export interface SagaOptions {
  sagas: readonly Saga[];
  /** Of an `EventPublisher`. */
  publish: (event: NewEvent) => Promise<EventEnvelope>;
  open: OpenSagas;
}

/**
 * The handlers of a coordinator, by event type: each publishes what its saga answers, in order, with the event's correlation
 * and the event as the cause. An event that comes twice is answered twice, so who does what is asked for must know by the key
 * what is done already.
 */
export function sagaHandlers({ sagas, publish, open }: SagaOptions): Record<string, EventHandler> {
  const types = new Set(sagas.flatMap(({ answers }) => Object.keys(answers)));
  const handle = async (event: EventEnvelope) => {
    for (const { name, key, begins, ends, answers } of sagas) {
      const published = answers[event.type];
      if (published === undefined) continue;
      if (begins.includes(event.type)) await open.begin(name, event.correlationId, new Date(event.timestamp));
      for (const next of published) await publish(answerTo(event, next, key));
      if (ends.includes(event.type)) await open.end(name, event.correlationId);
    }
  };
  return Object.fromEntries([...types].map((type) => [type, handle]));
}

function answerTo(cause: EventEnvelope, { type, version, fields, values }: Answer, key: string): NewEvent {
  const given = new Map<string, unknown>(Object.entries(cause.data));
  const taken = Object.entries(fields)
    .filter(([, source]) => given.has(source))
    .map(([name, source]) => [name, given.get(source)] as const);
  const data = { ...Object.fromEntries(taken), ...values };
  const aggregateId = new Map<string, unknown>(Object.entries(data)).get(key);
  if (typeof aggregateId !== "string") {
    throw new Error(`${cause.type} has no "${fields[key]}", without which ${type} can't be kept in order.`);
  }
  return { type, version, aggregateId, data, metadata: cause.metadata, cause };
}

/** For the service's metrics, as Prometheus reads them: how many seconds ago the oldest open one of each saga began. */
export async function sagaMetrics(sagas: readonly Pick<Saga, "name">[], open: OpenSagas, now: Date): Promise<string> {
  const metric = "omega_saga_oldest_open_seconds";
  const lines = await Promise.all(
    sagas.map(async ({ name }) => {
      const began = await open.oldest(name);
      const seconds = began === undefined ? 0 : Math.max(0, (now.getTime() - began.getTime()) / 1000);
      return `${metric}{saga="${name}"} ${seconds}\n`;
    }),
  );
  return `# HELP ${metric} Seconds since the oldest saga began that has not ended.\n# TYPE ${metric} gauge\n${lines.join("")}`;
}
