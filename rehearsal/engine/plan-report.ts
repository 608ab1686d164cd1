import type { Plan, PlannedResource } from "./plan";
import { kindOf } from "./urn";

/** A verdict of the pack's pure rules. */
export interface Verdict {
  message: string;
}

/** Lines of the stack's file, and of the one that it inherits from. */
export interface Lines {
  own: number;
  inherited: number;
}

/** The resource tree by component, what it took, the verdicts and the outputs, as plain text. */
export function planReport(
  stack: string,
  { resources, outputs }: Plan,
  lines: Lines,
  verdicts: Verdict[],
  policies: number,
): string {
  const components = resources.filter(({ type }) => type.startsWith("omega:"));
  const custom = resources.filter(({ type }) => !type.startsWith("omega:") && !type.startsWith("pulumi:"));
  return [
    `${stack}: ${counted(custom.length, "resource")} in ${counted(components.length, "component")}`,
    `  ${leverage(lines, custom.length)}`,
    ...resources.filter(({ parent }) => parent === undefined).flatMap((root) => subtree(root, resources, "  ")),
    "",
    `Policies: the pack's ${policies} pure rules over this plan (the engine runs the pack itself at make up)`,
    ...(verdicts.length === 0 ? ["  no violation"] : verdicts.map(({ message }) => `  ${message}`)),
    "",
    "Outputs (values that only an update can know are left out)",
    ...Object.entries(outputs).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
  ].join("\n");
}

/** Lines in, resources out. */
function leverage({ own, inherited }: Lines, resources: number): string {
  const from = inherited > 0 ? ` of its own and ${inherited} that it inherits` : "";
  const each = Math.round((10 * resources) / (own + inherited)) / 10;
  return `from ${counted(own, "line")} of configuration${from}: ${counted(each, "resource")} a line`;
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function subtree(resource: PlannedResource, all: PlannedResource[], indent: string): string[] {
  const children = all.filter(({ parent }) => parent === resource.urn);
  return [
    `${indent}${kindOf(resource.type)} ${resource.name}`,
    ...children.flatMap((child) => subtree(child, all, `${indent}  `)),
  ];
}
