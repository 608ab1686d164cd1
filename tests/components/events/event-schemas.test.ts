import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import envelope from "../../../components/events/schemas/envelope.json";
import { eventSchemas } from "../../../components/events/event-schemas";

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats(ajv);

describe("the schemas of this platform", () => {
  const { schemas, problems } = eventSchemas();

  test("each version reads, and is read by, all others of its type", () => {
    expect(problems).toEqual([]);
  });

  test("are there for every event of the shop and of its order saga", () => {
    const types = new Set(schemas.map(({ type }) => type));
    for (const type of [
      ...["product.created", "cart.updated", "order.placed", "payment.processed", "inventory.updated"],
      ...["shipment.dispatched", "order.created", "inventory.reserve", "inventory.reserved", "payment.completed"],
      ...["payment.failed", "inventory.release", "order.cancelled"],
    ]) {
      expect(types).toContain(type);
    }
  });

  test("are JSON Schema 2020-12 and say which version they are", () => {
    for (const { type, version, schema } of schemas) {
      expect(() => ajv.compile(schema)).not.toThrow();
      expect(schema).toMatchObject({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $id: `urn:omega:event:${type}:${version}`,
      });
    }
  });
});

describe("the envelope", () => {
  const event = {
    id: "0b7d6c0e-3a51-4c8e-9a0c-0c2f3f1d2b6a",
    type: "order.created",
    version: 1,
    timestamp: "2026-11-25T10:00:00.000Z",
    source: "order",
    correlationId: "checkout-7",
    causationId: "5e0a4b0e-8f39-4d49-8a0c-6f3d2a1b9c47",
    data: { id: "o-1" },
    metadata: { tenantId: "acme" },
  };
  const validate = ajv.compile(envelope);

  test("has the architecture's fields, and those alone that a cause has may be missing", () => {
    expect(validate(event)).toBe(true);
    expect(Object.keys(envelope.properties)).toEqual(Object.keys(event));
    const optional = Object.keys(event).filter((key) => validate({ ...event, [key]: undefined }));
    expect(optional).toEqual(["causationId"]);
  });

  test.each([
    ["an id that is none", { id: "1" }],
    ["a type without a subject", { type: "created" }],
    ["a pattern for a type", { type: "order.*" }],
    ["a version that is none", { version: 0 }],
    ["a local time", { timestamp: "2026-11-25 10:00" }],
    ["a source that is no service", { source: "Order Service" }],
    ["an empty correlation", { correlationId: "" }],
    ["a cause that is no event", { causationId: "before" }],
    ["data that are none", { data: "o-1" }],
    ["metadata that is data", { metadata: { tenant: { id: "acme" } } }],
  ])("refuses %s", (_, change) => {
    expect(validate({ ...event, ...change })).toBe(false);
  });
});

describe("a folder with mistakes", () => {
  const folder = mkdtempSync(join(tmpdir(), "omega-schemas-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  function problemsOf(files: Record<string, unknown>): string[] {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
    }
    return eventSchemas(folder).problems.map(({ path, reason }) => `${path}: ${reason}`);
  }

  const order = { type: "object", required: ["id"], properties: { id: { type: "string" } } };

  test("a version that breaks consumers, and every other one, is named with what it breaks", () => {
    const files = {
      "order.created/1.json": order,
      "order.created/2.json": { ...order, required: [] },
      "order.created/3.json": { ...order, properties: { id: { type: "integer" } } },
    };
    expect(problemsOf(files)).toEqual([
      'order.created/2.json: breaks consumers that know version 1: required "id" is read always and written sometimes',
      "order.created/3.json: breaks consumers that know version 1: properties.id.type is integer where string is read",
      "order.created/3.json: breaks the reading of events of version 1: properties.id.type is string where integer is read",
      "order.created/3.json: breaks consumers that know version 2: properties.id.type is integer where string is read",
      'order.created/3.json: breaks the reading of events of version 2: required "id" is read always and written sometimes',
      "order.created/3.json: breaks the reading of events of version 2: properties.id.type is string where integer is read",
    ]);
  });

  test("a property that comes back as something else breaks what was written before it went", () => {
    const having = (note: object) => ({ ...order, properties: { ...order.properties, note } });
    const files = {
      "order.created/1.json": having({ type: "string" }),
      "order.created/2.json": order,
      "order.created/3.json": having({ type: "boolean" }),
    };
    expect(problemsOf(files)).toEqual([
      "order.created/3.json: breaks consumers that know version 1: properties.note.type is boolean where string is read",
      "order.created/3.json: breaks the reading of events of version 1: properties.note.type is string where boolean is read",
    ]);
  });

  test("names, gaps and what is no schema are all reported at once", () => {
    const files = {
      "Order/1.json": order,
      "order.created/first.json": order,
      "order.placed/1.json": "{",
      "cart.updated/1.json": { type: "object", oneOf: [order], properties: { id: { type: ["string", "null"] } } },
      "order.cancelled/1.json": { type: "object", required: ["reason"], properties: {}, additionalProperties: false },
      "payment.failed/1.json": { type: "object" },
      "payment.completed/1.json": {
        type: "object",
        properties: {
          currency: { type: "string", enum: ["EUR"], pattern: "^E" },
          amount: { type: "integer", minimum: 2, maximum: 1 },
          at: { type: "string", format: "time" },
          code: { type: "string", pattern: "(" },
          lines: { type: "array", minItems: -1 },
        },
      },
    };
    expect(problemsOf(files)).toEqual([
      'Order: must be an event type such as "order.created"',
      "cart.updated/1.json.oneOf: is not among the keywords of object: type, properties, required, additionalProperties",
      "cart.updated/1.json.properties.id.type: must be one of object, array, string, integer, number, boolean",
      "order.cancelled/1.json.additionalProperties: must be a schema, or left out: readers skip what they do not know",
      'order.cancelled/1.json.required: "reason" is none of its properties',
      'order.created/first.json: must be a version such as "1.json"',
      "order.placed/1.json: must be a schema",
      "payment.completed/1.json.properties.currency.pattern: must not be beside enum",
      "payment.completed/1.json.properties.amount.maximum: is 1, must be at least minimum, which is 2",
      "payment.completed/1.json.properties.at.format: must be one of date-time, date, uuid, email, uri",
      "payment.completed/1.json.properties.code.pattern: must be a regular expression",
      "payment.completed/1.json.properties.lines.minItems: must be a whole number from 0",
      "payment.completed/1.json.properties.lines.items: must be a schema",
      "payment.failed/1.json: must have properties, or additionalProperties where it is a map",
    ]);
    expect(problemsOf({ "order.created/2.json": order, "order.placed/1.json": { type: "string" } })).toEqual([
      "order.created/2.json: is counted from 1 without a gap, and a version before it is missing",
      "order.placed/1.json.type: must be object",
    ]);
  });
});
