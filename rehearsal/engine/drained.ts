import { isMap, isNode, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { UserError } from "../errors";

/**
 * A stack file's text with a region taken out of traffic. Printed from its nodes the file would lose how it is laid out:
 * they only say where to write.
 *
 * @throws UserError if there is no such region, if it is out already, or if nobody else would answer
 */
export function drained(text: string, stack: string, region: string): string {
  const { edge, list, regions, out } = read(text, stack, region);
  if (out.includes(region)) {
    throw new UserError(
      `${region} is out of traffic already (edge.drained in Pulumi.${stack}.yaml). If the update of that failed: ${again(stack)}`,
    );
  }
  const others = regions.filter((name) => name !== region && !out.includes(name));
  if (others.length === 0) {
    throw new UserError(`${region} is the last region that gets requests: without it nobody would answer`);
  }
  if (list === undefined) {
    const [first] = edge.items;
    const at = startOf(first?.key);
    const separator = edge.flow ? ", " : `\n${" ".repeat(at - lineAt(text, at).start)}`;
    return splice(text, at, at, `drained: [${region}]${separator}`);
  }
  const last = list.items.at(-1);
  if (list.flow || last === undefined) return withList(text, list, [...out, region]);
  const { start, end } = lineAt(text, startOf(last));
  const dash = text.slice(start, startOf(last));
  return splice(text, end, end, `${dash}${region}\n`);
}

/**
 * The same with the region back in traffic.
 *
 * @throws UserError if there is no such region, or if it isn't out
 */
export function readmitted(text: string, stack: string, region: string): string {
  const { edge, list, out } = read(text, stack, region);
  const index = out.indexOf(region);
  if (index < 0 || list === undefined) {
    throw new UserError(
      `${region} is not out of traffic (edge.drained in Pulumi.${stack}.yaml). If the update of that failed: ${again(stack)}`,
    );
  }
  const isOnly = out.length === 1;
  if (edge.flow || (list.flow && !isOnly)) return withList(text, list, without(out, region));
  const from = isOnly
    ? startOf(edge.items.find(({ key }) => String(key) === "drained")?.key)
    : startOf(list.items[index]);
  const until = isOnly ? endOf(list) : from;
  return splice(text, lineAt(text, from).start, lineAt(text, Math.max(from, until - 1)).end, "");
}

/** The stack that stands before the regions, alone. */
export const again = (stack: string): string => `make up STACK=${stack} REGIONS=none`;

function read(text: string, stack: string, region: string) {
  const file = `Pulumi.${stack}.yaml`;
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new UserError(`${file} is no valid YAML: ${error.message}`);
  const edge = document.getIn(["config", "omega:edge"]);
  if (!isMap(edge) || edge.items.length === 0) {
    throw new UserError(`${file} has no omega:edge: nothing stands before the regions of ${stack} (STACK=<name>)`);
  }
  const regions = texts(document.getIn(["config", "omega:regions"]), "name");
  if (!regions.includes(region)) {
    throw new UserError(`"${region}" is no region of ${stack}: REGION=<${regions.join(", ")}>`);
  }
  const list = edge.get("drained");
  return { edge, list: isSeq(list) ? list : undefined, regions, out: texts(list) };
}

/** The items of a list, or what they have under a key. */
function texts(list: unknown, key?: string): string[] {
  if (!isSeq(list)) return [];
  return list.items.map((item) => String(isMap(item) && key !== undefined ? item.get(key) : item));
}

const without = (names: string[], name: string): string[] => names.filter((each) => each !== name);

function withList(text: string, list: YAMLSeq, names: string[]): string {
  return splice(text, startOf(list), endOf(list), `[${names.join(", ")}]`);
}

const splice = (text: string, from: number, to: number, replacement: string): string =>
  text.slice(0, from) + replacement + text.slice(to);

const startOf = (node: unknown): number => (isNode(node) && node.range ? node.range[0] : 0);
const endOf = (node: unknown): number => (isNode(node) && node.range ? node.range[1] : 0);

/** Of the line around a place: where it begins, and where the next one does. */
function lineAt(text: string, place: number): { start: number; end: number } {
  const end = text.indexOf("\n", place);
  return { start: text.lastIndexOf("\n", place - 1) + 1, end: end < 0 ? text.length : end + 1 };
}
