import { nameOf, typeOf } from "../engine/urn";
import type { ListedResource } from "./urn-list";

/** What an update of a stack that is as listed would do that nobody may have meant. */
export interface UpgradeProblem {
  kind: "deleted" | "replaced" | "alias lost" | "not listed";
  urn: string;
  /** What changed, or what is likely meant. */
  detail: string;
}

/** Of a type whose listed ones are all still there: which new one it may have become. */
function successors(urn: string, added: readonly ListedResource[]): string {
  const alike = added.filter((each) => typeOf(each.urn) === typeOf(urn));
  const named = alike.filter((each) => nameOf(each.urn) === nameOf(urn));
  const [likely] = named.length > 0 ? named : alike;
  return likely === undefined ? "nothing of its type is new" : `renamed to ${likely.urn}? It needs an alias then`;
}

function replacements(before: ListedResource, after: ListedResource): string[] {
  const paths = [...new Set([...Object.keys(before.immutable), ...Object.keys(after.immutable)])].sort();
  return paths
    .filter((path) => before.immutable[path] !== after.immutable[path])
    .map((path) => `${path}: ${before.immutable[path] ?? "not set"} → ${after.immutable[path] ?? "not set"}`);
}

/**
 * @param listed what is committed
 * @param planned what the program makes now
 */
export function upgradeProblems(
  listed: readonly ListedResource[],
  planned: readonly ListedResource[],
): UpgradeProblem[] {
  const known = new Map<string, ListedResource>();
  for (const each of planned) for (const former of each.formerUrns) known.set(former, each);
  // Its own URN is stronger than another one's alias.
  for (const each of planned) known.set(each.urn, each);
  const reached = new Set(listed.map(({ urn }) => known.get(urn)?.urn));
  const added = planned.filter(({ urn }) => !reached.has(urn));

  const ofListed = listed.flatMap((before): UpgradeProblem[] => {
    const { urn } = before;
    const after = known.get(urn);
    if (after === undefined) return [{ kind: "deleted", urn, detail: successors(urn, added) }];
    const changed = replacements(before, after);
    const lost = before.formerUrns.filter((former) => !known.has(former));
    return [
      ...(changed.length === 0 ? [] : [{ kind: "replaced" as const, urn, detail: changed.join("; ") }]),
      ...lost.map((former) => ({ kind: "alias lost" as const, urn, detail: `older states have it as ${former}` })),
    ];
  });
  const listedUrns = new Set(listed.map(({ urn }) => urn));
  const unlisted = planned
    .filter(({ urn }) => !listedUrns.has(urn))
    .map(({ urn }) => ({ kind: "not listed" as const, urn, detail: "the next upgrade couldn't miss it" }));
  return [...ofListed, ...unlisted];
}

/** For a person, with what to do; empty if there is none. */
export function problemReport(stack: string, problems: readonly UpgradeProblem[]): string {
  if (problems.length === 0) return "";
  return [
    `An update of ${stack} is not what tests/upgrades/${stack}.urns.txt lists:`,
    ...problems.map(({ kind, urn, detail }) => `  ${kind}: ${urn}\n    ${detail}`),
    `A rename needs an alias (\`aliases\` in the resource's options). If all of this is meant, say so in the commit:`,
    "`npm run urns` writes the lists anew.",
  ].join("\n");
}
