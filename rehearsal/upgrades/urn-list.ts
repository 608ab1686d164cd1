import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../engine/plan";
import { typeOf } from "../engine/urn";
import { projectRoot } from "../paths";
import { immutableInputs } from "./immutable-inputs";

/** What an upgrade must not lose of a resource. */
export interface ListedResource {
  urn: string;
  /** Inputs that only a replacement can change, by their paths; long values by their digest. */
  immutable: Record<string, string>;
  /** URNs that it had before, and that older states may still have. */
  formerUrns: string[];
}

export const listFile = (stack: string): string => join(projectRoot, "tests/upgrades", `${stack}.urns.txt`);

/** Of a plan as an update makes it: a preview doesn't know the names that others are made of. */
export function listOf({ resources }: Plan): ListedResource[] {
  return resources
    .map((resource) => ({
      urn: resource.engineUrn,
      immutable: immutableInputs(resource),
      formerUrns: resource.formerUrns.filter((urn) => !isOtherVersion(urn, resource.type)),
    }))
    .sort(({ urn: one }, { urn: other }) => (one < other ? -1 : 1));
}

/** The Kubernetes SDK's own aliases, of versions of Kubernetes' own kinds: `apps/v1beta1` of `apps/v1`. */
function isOtherVersion(urn: string, type: string): boolean {
  const former = typeOf(urn);
  const [group = ""] = (former.split(":")[1] ?? "").split("/");
  return former !== type && former.startsWith("kubernetes:") && (!group.includes(".") || group.endsWith(".k8s.io"));
}

/** One line a URN; below it what only a replacement can change, and its former URNs. */
export function written(stack: string, list: readonly ListedResource[]): string {
  const entries = list.flatMap(({ urn, immutable, formerUrns }) => [
    urn,
    ...Object.entries(immutable)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, value]) => `  ${path} = ${value}`),
    ...formerUrns.map((former) => `  was ${former}`),
  ]);
  return `# Resources of ${stack}; "npm run urns" writes this file, and tests/upgrades compares the program with it.\n${entries.join("\n")}\n`;
}

export function parsed(text: string): ListedResource[] {
  const list: ListedResource[] = [];
  for (const line of text.split("\n")) {
    const last = list.at(-1);
    const [, path, value] = /^ {2}(\S+) = (.*)$/.exec(line) ?? [];
    if (line.startsWith("urn:")) list.push({ urn: line, immutable: {}, formerUrns: [] });
    else if (line.startsWith("  was ")) last?.formerUrns.push(line.slice("  was ".length));
    else if (last !== undefined && path !== undefined && value !== undefined) last.immutable[path] = value;
    else if (line !== "" && !line.startsWith("#")) throw new Error(`a list of URNs has no such line: ${line}`);
  }
  return list;
}

/** Stacks of which a list is committed. */
export const listedStacks = (): string[] =>
  readdirSync(join(projectRoot, "tests/upgrades"))
    .flatMap((file) => /^(.+)\.urns\.txt$/.exec(file)?.[1] ?? [])
    .sort();

/** Empty where none is committed. */
export function readList(stack: string): ListedResource[] {
  const file = listFile(stack);
  return existsSync(file) ? parsed(readFileSync(file, "utf8")) : [];
}

export const writeList = (stack: string, list: readonly ListedResource[]): void =>
  writeFileSync(listFile(stack), written(stack, list));
