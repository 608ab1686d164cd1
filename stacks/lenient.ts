/* eslint-disable @typescript-eslint/consistent-type-assertions -- zod types its definitions for each class apart */
import { z } from "zod";

type Schema = z.core.$ZodType;
type Definition = z.core.$ZodTypeDef & {
  shape: Record<string, Schema>;
  catchall?: Schema;
  element: Schema;
  innerType: Schema;
  valueType: Schema;
  defaultValue: unknown;
};

/**
 * A schema for the same value that takes anything: what has the wrong form is left out or stands as it is, so that rules
 * between sections report beside errors of form, not after them.
 */
export function lenient<Output>(schema: z.ZodType<Output>): z.ZodType<Output> {
  return takingAnything(schema) as z.ZodType<Output>;
}

/** @param fallback what stands for a leaf that can't be read */
function takingAnything(schema: Schema, fallback?: unknown): z.ZodType {
  const definition = schema._zod.def as Definition;
  switch (definition.type) {
    case "object": {
      const shape = Object.entries(definition.shape).map(([key, value]) => [key, takingAnything(value)] as const);
      const isOpen = definition.catchall?._zod.def.type === "unknown";
      const object = (isOpen ? z.looseObject : z.object)(Object.fromEntries(shape));
      return object.catch(() => object.parse({}));
    }
    case "array":
      return z.array(takingAnything(definition.element)).catch([]);
    case "record":
      return z.record(z.string(), takingAnything(definition.valueType)).catch({});
    case "default":
    case "prefault": {
      const { defaultValue } = definition;
      return z.preprocess((value) => value ?? defaultValue, takingAnything(definition.innerType, defaultValue));
    }
    case "optional":
      return takingAnything(definition.innerType).optional();
    case "string":
      return z.string().catch((fallback as string | undefined) ?? "");
    case "number":
      return z.number().catch((fallback as number | undefined) ?? NaN);
    default:
      // One of a list: what is none of them is nothing that a rule could judge.
      return (schema as z.ZodType).catch(fallback);
  }
}
