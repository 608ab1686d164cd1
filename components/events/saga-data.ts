import type { ArgumentProblem } from "../arguments";
import { type DataSchema, DataType } from "./data-schema";
import { type EventSchema, latestSchema } from "./event-schemas";
import { eventsOf, type SagaDefinition, type SagaEvent } from "./saga-definition";
import { unreadable } from "./schema-compatibility";

/** Whether what a saga publishes has the data that its readers expect, and can have them from what it answers. */
export function dataProblems(saga: SagaDefinition, schemas: readonly EventSchema[]): ArgumentProblem[] {
  const schemaOf = (type: string) => latestSchema(type, schemas)?.schema;
  const missing = (path: string, type: string): ArgumentProblem[] =>
    schemaOf(type) === undefined ? [{ path, reason: `"${type}" has no schema` }] : [];
  const emitted = eventsOf(saga).flatMap((type) => missing("steps", type));
  const published = saga.steps.flatMap(({ on, command, compensation }, index) => [
    ...(command === undefined || on === undefined
      ? []
      : [{ path: `steps[${index}].command`, event: command, causes: [on] }]),
    ...(compensation === undefined
      ? []
      : [{ path: `steps[${index}].compensation`, event: compensation, causes: compensation.on }]),
  ]);
  return [
    ...emitted,
    ...published.flatMap(({ path, event, causes }) => {
      const expected = schemaOf(event.type);
      if (expected === undefined) return missing(`${path}.type`, event.type);
      return [
        ...keyProblems(saga.key, event, path),
        ...valueProblems(event, expected, path),
        ...causes.flatMap((cause) => {
          const given = schemaOf(cause);
          return given === undefined ? [] : fieldProblems(event, expected, { type: cause, schema: given }, path);
        }),
      ];
    }),
  ];
}

function keyProblems(key: string, { type, fields = {}, values = {} }: SagaEvent, path: string): ArgumentProblem[] {
  if (key in fields && !(key in values)) return [];
  return [{ path: `${path}.fields`, reason: `must have "${key}", by which ${type} stays in order` }];
}

/** What is said, and what is not said but must be. */
function valueProblems(
  { type, fields = {}, values = {} }: SagaEvent,
  { properties = {}, required = [] }: DataSchema,
  path: string,
): ArgumentProblem[] {
  const needed = required.filter((name) => !(name in fields) && !(name in values));
  return [
    ...needed.map((name) => ({ path: `${path}.fields`, reason: `lack "${name}", which ${type} must have` })),
    ...Object.entries(values).flatMap(([name, value]) => {
      const said: DataSchema = {
        type: DataType.String,
        enum: [value],
        minLength: value.length,
        maxLength: value.length,
      };
      const property = properties[name];
      const at = `${path}.values.${name}`;
      if (property === undefined) return [{ path: at, reason: `is no property of ${type}` }];
      const { pattern, ...others } = property;
      const fits = pattern === undefined || new RegExp(pattern, "u").test(value);
      const problems = unreadable(said, others);
      const reasons = [...problems.map(({ reason }) => reason), ...(fits ? [] : [`must match ${pattern}`])];
      return reasons.map((reason) => ({ path: at, reason }));
    }),
  ];
}

function fieldProblems(
  { type, fields = {} }: SagaEvent,
  expected: DataSchema,
  cause: { type: string; schema: DataSchema },
  path: string,
): ArgumentProblem[] {
  return Object.entries(fields).flatMap(([name, source]) => {
    const at = `${path}.fields.${name}`;
    const [read, written] = [expected.properties?.[name], cause.schema.properties?.[source]];
    if (read === undefined) return [{ path: at, reason: `is no property of ${type}` }];
    if (written === undefined) return [{ path: at, reason: `is "${source}", which is no property of ${cause.type}` }];
    const isSure = cause.schema.required?.includes(source) === true || expected.required?.includes(name) !== true;
    return [
      ...(isSure ? [] : [{ path: at, reason: `is "${source}", which ${cause.type} may leave out` }]),
      ...unreadable(written, read).map(({ path: inside, reason }) => ({
        path: at,
        reason: `is "${source}" of ${cause.type}, whose ${inside} ${reason}`,
      })),
    ];
  });
}
