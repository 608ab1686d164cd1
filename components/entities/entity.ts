import type { DataSchema } from "../events/data-schema";

/** What is to happen after an entity was created or updated; each is one subscription to its events. */
export enum EntityHook {
  /** Every change is recorded, in a topic of its own that is kept for a year. */
  Audit = "audit",
  Notification = "notification",
  Inventory = "inventory",
  SearchIndex = "search-index",
}

export interface EntityHookDeclaration {
  kind: EntityHook;
  /**
   * Consumer that does it. Default: one named like the hook. Where it is a service of the platform its contract says so too;
   * a worker that runs elsewhere finds its user, its topics and its group, and nothing else.
   */
  service?: string;
}

/** A kind of thing, of which a schema and hooks are all that must be said. */
export interface EntityDefinition {
  /** Lower-case letters and dashes, e.g. `user`; the subject of its events. Up to 30. */
  name: string;
  /** Service that owns it: it alone writes the table and publishes the events. */
  owner: string;
  /** Keyspace of its table. */
  keyspace: string;
  /** Topic of its events. Default: the one that carries them already, or a new one named in the plural, e.g. `users`. */
  topic?: string;
  /** Its data, one schema for each version, the oldest first: a change is one more, and must not break what reads the last. */
  schemas: DataSchema[];
  /** Each at most once. Default none. */
  hooks?: EntityHookDeclaration[];
}

export const plural = (name: string): string => `${name}s`;

/** Of a hook, as Kafka and contracts know it. */
export const consumerOf = ({ kind, service = kind }: EntityHookDeclaration): string => service;

/** `user.created` and `user.updated`. */
export const entityEvents = (name: string): string[] => [`${name}.created`, `${name}.updated`];

/** What the audit hook writes, and where. */
export const auditOf = (name: string) => ({ event: `${name}-audit.recorded`, topic: `${plural(name)}-audit` });
