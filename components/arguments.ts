import * as pulumi from "@pulumi/pulumi";

export interface ArgumentProblem {
  /** Path inside the component's arguments, e.g. `replicas.min`. */
  path: string;
  /** What is wrong and what would be right. */
  reason: string;
}

/** Reports all problems of a component's arguments at once. Throws InputPropertiesError; does nothing without any. */
export function refuse(component: string, problems: ArgumentProblem[]): void {
  if (problems.length === 0) return;
  throw new pulumi.InputPropertiesError({
    message: `${component} has invalid arguments: ${problems.map(({ path, reason }) => `${path}: ${reason}`).join("; ")}`,
    errors: problems.map(({ path, reason }) => ({ propertyPath: path, reason })),
  });
}

/** What is wrong with a number that must be whole and within bounds; nothing where it isn't given. */
export function wholeNumberProblems(
  path: string,
  value: number | undefined,
  least: number,
  most: number,
): ArgumentProblem[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
  return [{ path, reason: `is ${value}, must be a whole number from ${least} to ${most}` }];
}
