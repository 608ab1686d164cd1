import { join } from "node:path";
import { readFileIfExists } from "../files";
import type { RehearsalPaths } from "../paths";
import type { NamedResource } from "./progress";
import { kindOf, nameOf, providerUrn } from "./urn";

/** A resource as the backend's file describes it. */
export interface StoredResource {
  urn: string;
  type: string;
  custom: boolean;
  outputs?: Record<string, unknown>;
  protect?: boolean;
  parent?: string;
  /** `<urn>::<id>` of the provider. */
  provider?: string;
  dependencies?: string[];
  deletedWith?: string;
}

/** What a stack is, without an engine and while another is at work on it; none: it is not there. */
export function storedResources(paths: RehearsalPaths, stack: string): StoredResource[] {
  const text = readFileIfExists(join(paths.state, ".pulumi", "stacks", "omega", `${stack}.json`));
  if (text === undefined) return [];
  const { checkpoint } = JSON.parse(text) as { checkpoint: { latest?: { resources?: StoredResource[] } } };
  return checkpoint.latest?.resources ?? [];
}

/** An output of a stack's last complete update that is a text. */
export function storedOutput(paths: RehearsalPaths, stack: string, name: string): string | undefined {
  const root = storedResources(paths, stack).find(({ type }) => type === "pulumi:pulumi:Stack");
  const value = root?.outputs?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export interface Staying {
  /** What must not be deleted. */
  protected: NamedResource[];
  /** What stays for its sake: what it is made in, by, and of. */
  needed: NamedResource[];
}

/** What destroying leaves. */
export function whatStays(resources: StoredResource[]): Staying {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const own = resources.filter(({ protect }) => protect === true);
  const staying = new Set<StoredResource>();
  const visit = (resource: StoredResource | undefined): void => {
    if (resource === undefined || staying.has(resource)) return;
    staying.add(resource);
    const { parent, provider, dependencies = [], deletedWith } = resource;
    const urns = [parent, provider && providerUrn(provider), deletedWith, ...dependencies];
    for (const urn of urns) if (urn !== undefined) visit(byUrn.get(urn));
  };
  own.forEach(visit);
  const needed = [...staying].filter(({ custom, protect, type }) => custom && !protect && !type.startsWith("pulumi:"));
  return { protected: own.filter(({ custom }) => custom).map(named), needed: needed.map(named) };
}

const named = ({ type, urn }: StoredResource): NamedResource => ({ type: kindOf(type), name: nameOf(urn) });
