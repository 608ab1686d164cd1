import { isObject, valueAt } from "./objects";

/** What one JSONPath expression of `pulumi.com/waitFor` expects: a path in braces and optionally its value. */
interface Expectation {
  path: string;
  steps: Step[];
  value: string | undefined;
}

type Step = (value: unknown) => unknown[];

const stepPattern =
  /^(?:\.([\w-]+(?:\\\.[\w-]+)*)|\['([^']+)'\]|\["([^"]+)"\]|\[(-?\d+)\]|\.?\[?(\*)\]?|\[\?\(@((?:\.[\w-]+)+)\s*==\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\)\])/;

/** `{.status.phase}=Running`, `{.status.conditions[?(@.type=="Ready")].status}=True`, `{.status.ingress[0].ip}`. */
export function parseExpectation(text: string): Expectation {
  const [, path, inner = "", value] = /^(\{\s*(.*?)\s*\})(?:=(.+))?$/s.exec(text) ?? [];
  if (path === undefined) {
    throw new Error(`waitFor: expected jsonpath={.path} or jsonpath={.path}=value, got "jsonpath=${text}"`);
  }
  const steps: Step[] = [];
  let rest = inner.replace(/^\$/, "");
  while (rest !== "") {
    const match = stepPattern.exec(rest);
    if (match === null) {
      throw new Error(`waitFor: can't read "${rest}" in ${path}`);
    }
    steps.push(toStep(match));
    rest = rest.slice(match[0].length);
  }
  return { path, steps, value };
}

function toStep(match: RegExpExecArray): Step {
  const [, name, single, double, position, all, field, ...literals] = match;
  const key = name?.replaceAll("\\.", ".") ?? single ?? double;
  if (key !== undefined) return (value) => (isObject(value) && key in value ? [value[key]] : []);
  if (position !== undefined) return (value) => (Array.isArray(value) ? value.slice(Number(position)).slice(0, 1) : []);
  const children = (value: unknown): unknown[] =>
    Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  if (all !== undefined || field === undefined) return children;
  const literal = literals.find((each) => each !== undefined) ?? "";
  return (value) => children(value).filter((each) => String(valueAt(each, ...field.split(".").slice(1))) === literal);
}

export function isMet({ steps, value }: Expectation, object: unknown): boolean {
  const [first] = steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object]);
  return first !== undefined && (value === undefined || String(first) === value);
}
