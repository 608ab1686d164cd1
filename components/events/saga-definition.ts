import { type EventSchema, latestSchema } from "./event-schemas";

/** An event that a saga publishes in answer to another one, which it keeps the correlation of and names as its cause. */
export interface SagaEvent {
  /** E.g. `inventory.reserve`. */
  type: string;
  /** What its data take over: the name of a property here, and of the one there. Default none. */
  fields?: Record<string, string>;
  /** What its data say by themselves, e.g. `reason: payment_failed`. Default nothing. */
  values?: Record<string, string>;
}

export interface SagaCompensation extends SagaEvent {
  /** Failures that it answers, of steps that come after: one at least. */
  on: string[];
}

/** Why a step is not compensated. */
export enum Finality {
  /** It decides: if it fails nothing has happened, and once it is done there is no way back. One in a saga. */
  Pivot = "pivot",
  /** It comes after the pivot, and is tried until it succeeds. */
  Retriable = "retriable",
}

export interface SagaStep {
  /** A DNS label, e.g. `reserve-inventory`. */
  name: string;
  /** Event that it answers, which another step emits. The first step has none: it begins the saga. */
  on?: string;
  /** What the saga's coordinator asks the service for. Default: the service answers the event by itself. */
  command?: SagaEvent;
  /** Service that does it. */
  service: string;
  /** Event that says that it is done. */
  emits: string;
  /** Events that say that it failed, and has left nothing behind. Default none. */
  fails?: string[];
  /** What undoes it when a later step fails. */
  compensation?: SagaCompensation;
  /** In place of a compensation. */
  finality?: Finality;
  /** Why it needs no compensation: a sentence for whoever asks. Needed beside `finality`. */
  finalityReason?: string;
}

/**
 * A business transaction over several services, without a lock on any: a chain of steps, each of which has something that
 * undoes it.
 */
export interface SagaDefinition {
  /** A DNS label, e.g. `order`. */
  name: string;
  /** Its coordinator: the service that answers what the steps emit with commands and compensations. */
  service: string;
  /** Property of the data of all that the saga publishes by which it stays in order, e.g. `orderId`. */
  key: string;
  /** Within which it must have ended, in seconds; who waits longer is told of. Default 900, from 1 to 2,592,000. */
  deadlineSeconds?: number;
  steps: SagaStep[];
}

export const defaultDeadlineSeconds = 900;

/** The events that the coordinator subscribes to. */
export const eventsOf = ({ steps }: Pick<SagaDefinition, "steps">): string[] => [
  ...new Set(steps.flatMap(({ emits, fails = [] }) => [emits, ...fails])),
];

/** What the coordinator publishes in answer to an event: what was done last is undone first. */
function answersTo(event: string, { steps }: Pick<SagaDefinition, "steps">): SagaEvent[] {
  const commands = steps.flatMap(({ on, command }) => (on === event ? (command ?? []) : []));
  const compensations = steps.flatMap(({ compensation }) =>
    compensation?.on.includes(event) === true ? [compensation] : [],
  );
  return [...commands, ...compensations.reverse()];
}

/** Of a chain: the event that begins it, and those after which nothing more is to happen. */
function boundsOf({ steps }: Pick<SagaDefinition, "steps">): { begins: string[]; ends: string[] } {
  const answered = steps.map(({ on }) => on);
  return {
    begins: steps.filter(({ on }) => on === undefined).map(({ emits }) => emits),
    ends: steps.flatMap(({ emits, fails = [] }) => [...(answered.includes(emits) ? [] : [emits]), ...fails]),
  };
}

/** `OMEGA_SAGAS`: what the runtime of a coordinator must know of its sagas. */
export function sagasVariable(
  service: string,
  sagas: readonly SagaDefinition[],
  schemas: readonly EventSchema[],
): string | undefined {
  const own = sagas.filter((saga) => saga.service === service);
  if (own.length === 0) return undefined;
  return JSON.stringify(
    own.map((saga) => ({
      ...{ name: saga.name, key: saga.key, ...boundsOf(saga) },
      answers: Object.fromEntries(
        eventsOf(saga).map((event) => [
          event,
          answersTo(event, saga).map(({ type, fields = {}, values = {} }) => ({
            ...{ type, version: latestSchema(type, schemas)?.version ?? 1, fields, values },
          })),
        ]),
      ),
    })),
  );
}
