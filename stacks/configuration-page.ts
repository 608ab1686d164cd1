import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { markdownTable } from "./markdown-table";
import { secretKeys, sections } from "./schema";

export const configurationPagePath = join(__dirname, "../docs/configuration.md");

/** What the page needs of a JSON Schema. */
interface Node {
  description?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  additionalProperties?: boolean | Node;
  anyOf?: Node[];
  oneOf?: Node[];
}

const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    description: z.string().exactOptional(),
    type: z.string().exactOptional(),
    enum: z.array(z.unknown()).exactOptional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    minimum: z.number().exactOptional(),
    maximum: z.number().exactOptional(),
    properties: z.record(z.string(), node).exactOptional(),
    required: z.array(z.string()).exactOptional(),
    items: node.exactOptional(),
    additionalProperties: z.union([z.boolean(), node]).exactOptional(),
    anyOf: z.array(node).exactOptional(),
    oneOf: z.array(node).exactOptional(),
  }),
);

/** Every key of a stack file with its type, bounds, default and meaning. */
export function configurationPage(): string {
  const described = Object.entries(sections).map(([key, schema]) => {
    const section = node.parse(z.toJSONSchema(schema, { io: "input" }));
    return { key, section, rows: rowsOf(key, section, false) };
  });
  const scalars = described.filter(({ rows }) => rows.length === 0);
  const chapters = described
    .filter(({ rows }) => rows.length > 0)
    .map(({ key, section, rows }) => `## ${key}\n\n${section.description ?? ""}.\n\n${table(rows)}`);
  const secrets = Object.entries(secretKeys).map(([key, description]) => [`\`omega:${key}\``, description]);
  return [
    "# Configuration",
    "Keys of `Pulumi.<stack>.yaml`, each with the prefix `omega:`. `[]` is each entry of a list, `<name>` each name of a map. Written by `npm run configuration`.",
    table(scalars.flatMap(({ key, section }) => rowsOf(key, section))),
    ...chapters,
    "## Secrets",
    "Encrypted, by `pulumi config set --secret`.",
    markdownTable(["key", "what it is"], secrets),
    "",
  ].join("\n\n");
}

function rowsOf(
  path: string,
  { properties = {}, required = [], items, additionalProperties, ...rest }: Node,
  own = true,
): string[][] {
  const named = Object.entries(properties).flatMap(([name, property]) =>
    rowsOf(`${path}.${name}`, { ...property, description: mark(property, required.includes(name)) }),
  );
  const inside = [
    ...named,
    ...(items?.properties === undefined ? [] : rowsOf(`${path}[]`, items, false)),
    ...(typeof additionalProperties === "object" ? rowsOf(`${path}.<name>`, additionalProperties, false) : []),
    ...[...(rest.anyOf ?? []), ...(rest.oneOf ?? [])].flatMap((choice) => rowsOf(path, choice, false)),
  ];
  if (!own) return inside;
  const whole = { ...rest, properties, ...(items === undefined ? {} : { items }) };
  return [[`\`${path}\``, typeOf(whole), defaultOf(whole), rest.description ?? ""], ...inside];
}

const mark = ({ description = "" }: Node, isRequired: boolean) =>
  isRequired ? `**required**${description === "" ? "" : `: ${description}`}` : description;

function typeOf({ type, enum: choices, const: only, items, minimum, maximum, anyOf = [], oneOf = [] }: Node): string {
  if (choices !== undefined) return choices.map(String).join(", ");
  if (only !== undefined) return String(only);
  const alternatives = [...anyOf, ...oneOf];
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(" or ");
  if (type === "array") return `list${items === undefined ? "" : ` of ${typeOf(items)}`}`;
  // A whole number without a bound has those of JavaScript in its schema.
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : "";
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : "";
  return `${type === "object" ? "map" : (type ?? "anything")}${from}${to}`;
}

const defaultOf = ({ default: value }: Node) => (value === undefined ? "" : `\`${JSON.stringify(value)}\``);

const table = (rows: string[][]) => markdownTable(["key", "type", "default", "what it says"], rows);

if (require.main === module) writeFileSync(configurationPagePath, configurationPage());
