import type { ResourceUnderTest } from "../../policies/rules";
import { awsObjects } from "./aws-fixture";
import { edgeObjects } from "./edge-fixture";
import { events } from "./event-fixture";
import { meshObjects } from "./mesh-fixture";
import { dataStores } from "./store-fixture";
import { tenantObjects } from "./tenant-fixture";
import { workloads } from "./workload-fixture";

export { resource } from "./workload-fixture";

/** A stack that every policy accepts. */
export const compliant: readonly ResourceUnderTest[] = [
  ...workloads,
  ...meshObjects,
  ...events,
  ...dataStores,
  ...edgeObjects,
  ...tenantObjects,
  ...awsObjects,
];

type Step = string | number;

/** A copy with one value replaced; undefined removes it. */
export function edit(value: unknown, [step, ...rest]: readonly Step[], next: unknown): unknown {
  if (step === undefined) {
    return next;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? edit(item, rest, next) : item));
  }
  const current = Object.entries(typeof value === "object" && value !== null ? value : {});
  const edited = edit(new Map<Step, unknown>(current).get(step), rest, next);
  const others = current.filter(([key]) => key !== step);
  return Object.fromEntries(edited === undefined ? others : [...others, [step, edited]]);
}

/** `spec.containers[0].name` as steps, and `spec.config["a.b"]`. */
function steps(path: string): Step[] {
  return [...path.matchAll(/\["([^"]+)"\]|([^.[\]]+)/g)].map(([, quoted, plain = ""]) =>
    quoted === undefined && /^\d+$/.test(plain) ? Number(plain) : (quoted ?? plain),
  );
}

/** The compliant stack with one property of one resource (`Kind/name`) changed. */
export function mutant(target: string, path: string, next: unknown, stack = compliant): ResourceUnderTest[] {
  const isTarget = ({ type, name }: ResourceUnderTest): boolean => `${type.split(":").at(-1)}/${name}` === target;
  if (!stack.some(isTarget)) {
    throw new Error(`no ${target}`);
  }
  return stack.map((each) =>
    isTarget(each)
      ? { ...each, props: Object.fromEntries(Object.entries(edit(each.props, steps(path), next) ?? {})) }
      : each,
  );
}

export function without(target: string): ResourceUnderTest[] {
  return compliant.filter(({ type, name }) => `${type.split(":").at(-1)}/${name}` !== target);
}

/** Every value of a stack that isn't an object or a list, as a target and a path. */
export function leaves(stack: readonly ResourceUnderTest[]): [target: string, path: string][] {
  const paths = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, item]) =>
          paths(item, key.includes(".") ? `${path}["${key}"]` : `${path}.${key}`),
        )
      : [path];
  return stack.flatMap(({ type, name, props }) =>
    paths(props, "")
      .filter((path) => path !== "")
      .map((path): [string, string] => [`${type.split(":").at(-1)}/${name}`, path.replace(/^\./, "")]),
  );
}
