import { assertConfig, defaultsOf, exemptions, type Exemption, type Schema, type Settings } from "./config";
import type { Metadata } from "./metadata";
import { matchesPattern, reveal, unknown, type Answer, type Value } from "./values";

/** A resource as any caller has it: from the engine, from an exported state, from a mocked program. */
export interface ResourceUnderTest {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
  /** Whether the engine refuses to delete it; left out where nobody can tell. */
  isProtected?: boolean;
}

/** A resource as rules see it. */
export interface Resource {
  type: string;
  name: string;
  urn: string;
  props: Value;
  isProtected: Answer;
}

/** What a rule has to say of one property of one resource. */
export interface Finding {
  resource: Resource;
  path: string;
  reason: string;
  /** Only where it says more than the policy's own fix. */
  fix?: string;
}

export interface Violation {
  policy: string;
  resource: string;
  type: string;
  urn: string;
  path: string;
  /** Names the policy, the resource, the path, the reason and the fix. */
  message: string;
  fix: string;
}

export interface Definition<C> {
  metadata: Metadata;
  settings: Record<keyof C & string, Schema>;
  /** Judges a resource by itself, before it is made. */
  resource?: (resource: Resource, config: C) => Finding[];
  /** Judges a resource by its neighbours, once all are known. */
  stack?: (resources: Resource[], config: C) => Finding[];
}

/** A definition whose configuration type is closed over, so that policies fit in one list. */
export interface Policy {
  metadata: Metadata;
  settings: Settings;
  /** Throws if the configuration is invalid. */
  validate: (config: object) => void;
  resource?: (resource: ResourceUnderTest, config: object, today: Date) => Violation[];
  stack?: (resources: readonly ResourceUnderTest[], config: object, today: Date) => Violation[];
}

export function definePolicy<C>(definition: Definition<C>): Policy {
  const { metadata, resource, stack } = definition;
  const settings: Settings = { ...definition.settings, exemptions };
  // One configuration is for all resources.
  const parsed = new WeakMap<object, C & { exemptions: Exemption[] }>();
  const parse = (given: object): C & { exemptions: Exemption[] } => {
    const before = parsed.get(given);
    if (before !== undefined) return before;
    const config: unknown = { ...defaultsOf(settings), ...given };
    assertConfig<C & { exemptions: Exemption[] }>(metadata.name, settings, config);
    parsed.set(given, config);
    return config;
  };
  return {
    metadata,
    settings,
    validate: parse,
    ...(resource && {
      resource: (subject, given, today) => {
        const config = parse(given);
        return conclude(metadata, isKnown(subject) ? resource(view(subject), config) : [], config.exemptions, today);
      },
    }),
    ...(stack && {
      stack: (subjects, given, today) => {
        const config = parse(given);
        return conclude(metadata, stack(subjects.filter(isKnown).map(view), config), config.exemptions, today);
      },
    }),
  };
}

/** Whether it is of a provider that some rule is about, or AWS's own; components and other providers are not. */
function isKnown(resource: ResourceUnderTest): boolean {
  return /^((kubernetes|aws|cloudflare):|pulumi:providers:aws$)/.test(resource.type);
}

/** Every policy looks at the same resources, and none changes them. */
const views = new WeakMap<ResourceUnderTest, Resource>();

function view(subject: ResourceUnderTest): Resource {
  const before = views.get(subject);
  if (before !== undefined) return before;
  const { type, name, urn, props, isProtected = unknown } = subject;
  // Before its cluster is made the engine can't ask for an object's outputs, and hands over none of them.
  const known = Object.keys(props).length === 0 ? unknown : reveal(props);
  const resource: Resource = { type, name, urn, props: known, isProtected };
  views.set(subject, resource);
  return resource;
}

function conclude(
  metadata: Metadata,
  findings: readonly Finding[],
  exempt: readonly Exemption[],
  today: Date,
): Violation[] {
  if (findings.length === 0) return [];
  const day = today.toISOString().slice(0, 10);
  const violations = findings.flatMap(({ resource, path, reason, fix = metadata.fix }) => {
    const matching = exempt.filter((exemption) => covers(exemption, resource));
    if (matching.some((exemption) => day <= exemption.expires)) {
      return [];
    }
    const expired = matching.map(
      (exemption) => ` Its exemption ("${exemption.reason}") expired on ${exemption.expires}.`,
    );
    const { type, name, urn } = resource;
    const message = `${metadata.name}: ${name} (${type}) ${path}: ${reason}.${expired.join("")} Fix: ${fix}.`;
    return [{ policy: metadata.name, resource: name, type, urn, path, message, fix }];
  });
  return [...new Map(violations.map((violation) => [`${violation.urn} ${violation.message}`, violation])).values()];
}

/** Whether it is in a stack whose name is like one of the patterns. */
export function isInStacks({ urn }: Resource, patterns: readonly string[]): boolean {
  const stack = /^urn:pulumi:([^:]+)::/.exec(urn)?.[1] ?? "";
  return patterns.some((pattern) => matchesPattern(pattern, stack));
}

function covers(exemption: Exemption, resource: Resource): boolean {
  return matchesPattern(exemption.resource, resource.name) || matchesPattern(exemption.resource, resource.urn);
}
