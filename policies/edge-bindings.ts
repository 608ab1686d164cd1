import { edge } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding } from "./policy";
import { at, isRecord, list, matchesPattern, parsedJson, type Value } from "./values";

interface BindingConfig {
  secretNames: string[];
}

export const sealedBindings = definePolicy<BindingConfig>({
  metadata: edgeMetadata.sealedBindings,
  settings: {
    secretNames: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: [
        "*SECRET*",
        "*PASSWORD*",
        "*PASSPHRASE*",
        "*CREDENTIAL*",
        "*PRIVATE_KEY*",
        "*API_KEY*",
        "*_TOKEN",
        "TOKEN",
      ],
      description: "Names of what must be bound as a secret, in capitals; * stands for anything.",
    },
  },
  resource: (resource, { secretNames }) =>
    ofKind([resource], edge.version, edge.script).flatMap((worker) =>
      list(at(worker.props, "bindings")).flatMap((binding, index): Finding[] => {
        const field = fields.get(at(binding, "type"));
        if (field === undefined) return [];
        const name = at(binding, "name");
        const isNamed = typeof name === "string" && secretNames.some((each) => matchesPattern(each, capitals(name)));
        const value = field === "json" ? parsedJson(at(binding, field)) : at(binding, field);
        const inside = secretIn(value, secretNames);
        const path = `bindings[${index}]`;
        if (isNamed)
          return [{ resource: worker, path: `${path}.type`, reason: `is ${field}, for ${name}, ${readable}` }];
        return inside === undefined
          ? []
          : [{ resource: worker, path: `${path}.${field}`, reason: `holds ${inside}, ${readable}` }];
      }),
    ),
});

const readable = "which whoever may look at the Worker can read";

/** Bindings whose values are shown to whoever looks, and the field that holds them. */
const fields = new Map<Value, "text" | "json">([
  ["plain_text", "text"],
  ["json", "json"],
]);

/** Names as constants have them: apiKey and api-key are API_KEY. */
function capitals(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}

/** What a secret looks like wherever it is. */
const shapes: readonly (readonly [what: string, shape: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a signed token", /^(Bearer )?eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}$/],
  ["a password in an address", /^[a-z][a-z\d+.-]*:\/\/[^/?#@:\s]*:[^/?#@\s]+@/i],
  ["an access key of AWS", /\b(AKIA|ASIA)[A-Z\d]{16}\b/],
];

/** What is secret in a value, by how it looks, by its name, or as a key that signs. */
function secretIn(value: Value, names: readonly string[]): string | undefined {
  if (typeof value === "string") {
    const looks = shapes.find(([, shape]) => shape.test(value))?.[0];
    // A key set is often a text within the JSON.
    return looks ?? (/^\s*[[{]/.test(value) ? secretIn(parsedJson(value), names) : undefined);
  }
  if (Array.isArray(value)) return first(value.map((item) => secretIn(item, names)));
  if (!isRecord(value)) return undefined;
  if (typeof value["kty"] === "string" && (typeof value["d"] === "string" || typeof value["k"] === "string")) {
    return "a private key";
  }
  return first(
    Object.entries(value).map(([key, item]) =>
      typeof item === "string" && item !== "" && names.some((name) => matchesPattern(name, capitals(key)))
        ? `its ${key}`
        : secretIn(item, names),
    ),
  );
}

function first(found: readonly (string | undefined)[]): string | undefined {
  return found.find((each) => each !== undefined);
}
