import type { ArgumentProblem } from "../arguments";
import { defaultVariants, type Flag, RolloutUnit } from "./flag";

/** What flags can refer to. */
export interface FlagSurroundings {
  /** Ids of the tenants. */
  tenants: readonly string[];
  /** Names of the tiers. */
  tiers: readonly string[];
}

/**
 * Of all flags as JSON, about 1500. The store takes 25 MiB; but each isolate parses them all, again and again, within the
 * CPU time of a request: 700 KB took 22 ms and more where this was measured.
 */
const mostBytes = 262_144;

const namePattern = /^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$/;
const nameReason = "must be named by 1 to 100 of a-z, 0-9, - and .";

/** What is wrong with flags: each that refers to nothing is reported, with where. */
export function flagProblems(flags: Readonly<Record<string, Flag>>, around: FlagSurroundings): ArgumentProblem[] {
  const bytes = new TextEncoder().encode(JSON.stringify(flags)).byteLength;
  return [
    ...(bytes > mostBytes
      ? [{ path: "flags", reason: `have ${bytes} bytes, may have ${mostBytes}: remove those that are decided` }]
      : []),
    ...Object.entries(flags).flatMap(([key, flag]) => {
      const path = `flags.${key}`;
      return [
        ...(namePattern.test(key) ? [] : [{ path, reason: nameReason }]),
        ...variantProblems(`${path}.variants`, flag),
        ...layerProblems(path, flag, around),
        ...rolloutProblems(path, flag),
      ];
    }),
  ];
}

function variantProblems(path: string, { variants }: Flag): ArgumentProblem[] {
  if (variants === undefined) return [];
  const entries = Object.entries(variants);
  const problems = entries.flatMap(([name, value]) => [
    ...(namePattern.test(name) ? [] : [{ path: `${path}.${name}`, reason: nameReason }]),
    ...(isValue(value)
      ? []
      : [{ path: `${path}.${name}`, reason: "must be true or false, a text, a number or an object" }]),
  ]);
  const types = [...new Set(entries.map(([, value]) => typeof value))];
  if (entries.length < 2) problems.push({ path, reason: "must be two at least: a flag of one answer is none" });
  if (types.length > 1) {
    problems.push({ path, reason: `are ${types.join(" and ")}: all must be of one type, as its callers read one` });
  }
  return problems;
}

function isValue(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "object") return value !== null && !Array.isArray(value);
  return typeof value === "boolean" || typeof value === "string";
}

function layerProblems(path: string, flag: Flag, around: FlagSurroundings): ArgumentProblem[] {
  const known = Object.keys(flag.variants ?? defaultVariants);
  const problems: ArgumentProblem[] = [];
  const checkVariant = (at: string, variant: string) => {
    if (known.includes(variant)) return;
    problems.push({ path: `${path}.${at}`, reason: `"${variant}" is no variant of it: ${known.join(", ")}` });
  };
  for (const field of ["override", "default"] as const) {
    const variant = flag[field];
    if (variant !== undefined) checkVariant(field, variant);
  }
  if (flag.default === undefined && !known.includes("off")) {
    problems.push({ path: `${path}.default`, reason: `is missing: its variants have no off (${known.join(", ")})` });
  }
  for (const layer of ["tenants", "tiers", "users"] as const) {
    for (const [name, variant] of Object.entries(flag[layer] ?? {})) {
      checkVariant(`${layer}.${name}`, variant);
      // Users are not configuration: anybody may become one.
      if (layer === "users" || around[layer].includes(name)) continue;
      const choices = around[layer].length === 0 ? "there are none" : around[layer].join(", ");
      problems.push({ path: `${path}.${layer}.${name}`, reason: `there is no such ${layer.slice(0, -1)}: ${choices}` });
    }
  }
  (flag.rollout ?? []).forEach(({ variant }, index) => checkVariant(`rollout[${index}].variant`, variant));
  return problems;
}

function rolloutProblems(path: string, { rollout, rolloutBy }: Flag): ArgumentProblem[] {
  if (rollout === undefined) {
    return rolloutBy === undefined
      ? []
      : [{ path: `${path}.rolloutBy`, reason: "goes with rollout, which is missing" }];
  }
  const problems: ArgumentProblem[] = [];
  rollout.forEach(({ variant, percent }, index) => {
    const at = `${path}.rollout[${index}]`;
    const isThousandth = Math.abs(percent * 1000 - Math.round(percent * 1000)) < 1e-6;
    if (!(percent >= 0 && percent <= 100) || !isThousandth) {
      problems.push({ path: `${at}.percent`, reason: `is ${percent}, must be from 0 to 100 in steps of 0.001` });
    }
    if (rollout.findIndex((other) => other.variant === variant) !== index) {
      problems.push({ path: `${at}.variant`, reason: `"${variant}" has a share already` });
    }
  });
  // In thousandths, for a sum of fractions is off by a little.
  const sum = rollout.reduce((total, { percent }) => total + Math.round(percent * 1000), 0) / 1000;
  if (sum > 100) problems.push({ path: `${path}.rollout`, reason: `has ${sum} percent in all, must be at most 100` });
  if (rolloutBy !== undefined && !Object.values(RolloutUnit).includes(rolloutBy)) {
    problems.push({ path: `${path}.rolloutBy`, reason: `must be one of ${Object.values(RolloutUnit).join(", ")}` });
  }
  return problems;
}
