import { type EventSchema, eventSchemas } from "../components/events/event-schemas";
import type { ConfigurationError } from "./configuration-error";
import { entitySchemas } from "./entities";
import type { PlatformSections } from "./schema";

/** Of all events that there can be: those of the folder, and those that entities add. */
export function platformSchemas(sections: Pick<PlatformSections, "entities" | "events">): EventSchema[] {
  return [...eventSchemas().schemas, ...entitySchemas(sections)];
}

/** What is wrong with the files, whatever the configuration says. */
export function eventSchemaErrors(): ConfigurationError[] {
  return eventSchemas().problems.map(({ path, reason }) => ({ path: `components/events/schemas/${path}`, reason }));
}
