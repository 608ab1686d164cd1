import { evaluate, type ResourceUnderTest } from "../../policies/rules";
import { compliant, mutant } from "./fixture";

/** Where each violation is reported: the resource's kind and name, and the path. No other policy may report any. */
export function reports(stack: readonly ResourceUnderTest[], policy: string): string[] {
  const violations = evaluate(stack);
  expect(new Set(violations.map((violation) => violation.policy))).toEqual(new Set([policy]));
  return violations.map(({ type, resource, path }) => `${type.split(":").at(-1)}/${resource} ${path}`);
}

/** Values of one property, each of which the policy reports at that very property. */
export type Weakened = [policy: string, target: string, path: string, ...values: unknown[]];

export function testWeakened(weakened: readonly Weakened[]): void {
  describe.each(weakened)("%s: %s %s", (policy, target, path, ...values) => {
    test.each(values.map((value) => [value]))("as %j", (value) => {
      expect(reports(mutant(target, path, value), policy)).toEqual([`${target} ${path}`]);
    });
  });
}

/** Changes that are somebody's good reason, or not this pack's business: no policy reports any. */
export function testTolerated(changes: readonly (readonly [target: string, path: string, value: unknown])[]): void {
  test.each(changes)("%s may have %s %j", (target, path, value) => {
    expect(evaluate(mutant(target, path, value, compliant))).toEqual([]);
  });
}

/** A stack with several properties changed, and where it is reported. */
export type Severed = [
  title: string,
  policy: string,
  changes: readonly (readonly [target: string, path: string, value: unknown])[],
  ...at: (readonly [target: string, path: string])[],
];

export function testSevered(severed: readonly Severed[]): void {
  test.each(severed)("%s: %s", (_, policy, changes, ...expected) => {
    const stack = changes.reduce<readonly ResourceUnderTest[]>(
      (current, [target, path, value]) => mutant(target, path, value, current),
      compliant,
    );
    expect(reports(stack, policy)).toEqual(expected.map(([target, path]) => `${target} ${path}`));
  });
}
