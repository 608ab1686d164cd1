import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import type { EventEnvelope } from "./envelope";

export interface EventSchemas {
  /** Of the envelope. */
  envelope: AnySchemaObject;
  /** Of the data, by event type and version: `order.created/1`. */
  data: Readonly<Record<string, AnySchemaObject>>;
}

/** Reads `envelope.json` and every `<type>/<version>.json` of a folder. */
export function readEventSchemas(folder: string): EventSchemas {
  const read = (...path: string[]): AnySchemaObject => JSON.parse(readFileSync(join(folder, ...path), "utf8"));
  const types = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const data = types.flatMap(({ name: type }) =>
    readdirSync(join(folder, type))
      .filter((file) => file.endsWith(".json"))
      .map((file) => [`${type}/${basename(file, ".json")}`, read(type, file)]),
  );
  return { envelope: read("envelope.json"), data: Object.fromEntries(data) };
}

/** An event that no repetition makes valid. */
export class InvalidEventError extends Error {
  override readonly name = "InvalidEventError";
}

/** Checks events against their schemas. */
export class EventValidator {
  private readonly isEnvelope: ValidateFunction<EventEnvelope>;
  private readonly data: ReadonlyMap<string, ValidateFunction>;
  /** Version, by type. */
  private readonly newest = new Map<string, number>();

  /** @throws if a schema is none. */
  constructor(schemas: EventSchemas) {
    const ajv = new Ajv2020({ allErrors: true });
    addFormats(ajv);
    this.isEnvelope = ajv.compile<EventEnvelope>(schemas.envelope);
    this.data = new Map(Object.entries(schemas.data).map(([key, schema]) => [key, ajv.compile(schema)]));
    for (const key of this.data.keys()) {
      const [type = "", version = ""] = key.split("/");
      this.newest.set(type, Math.max(Number(version), this.newest.get(type) ?? 0));
    }
  }

  /** @throws InvalidEventError */
  parse(text: string): EventEnvelope {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new InvalidEventError("is no JSON");
    }
    if (this.isEnvelope(value)) return value;
    throw new InvalidEventError(`is no envelope: ${errorsOf(this.isEnvelope)}`);
  }

  /**
   * For readers: data of a version that isn't known here, since a writer is newer, is read by the newest that is; all versions
   * of a type read each other.
   *
   * @throws InvalidEventError
   */
  assertReadable(event: Pick<EventEnvelope, "type" | "version" | "data">): void {
    const { type, version } = event;
    const newest = this.newest.get(type);
    const isKnown = this.data.has(`${type}/${version}`);
    this.assertData(isKnown || newest === undefined ? event : { ...event, version: newest });
  }

  /**
   * For writers, who write what they know.
   *
   * @throws InvalidEventError
   */
  assertData({ type, version, data }: Pick<EventEnvelope, "type" | "version" | "data">): void {
    const isData = this.data.get(`${type}/${version}`);
    if (isData === undefined)
      throw new InvalidEventError(`has a version of ${type} that has no schema here: ${version}`);
    if (!isData(data))
      throw new InvalidEventError(`has other data than ${type}, version ${version}: ${errorsOf(isData)}`);
  }
}

function errorsOf({ errors }: ValidateFunction): string {
  return (errors ?? []).map(({ instancePath, message }) => `${instancePath || "/"} ${message}`).join(", ");
}
