import { assertConfig, defaultsOf, exemptions, type Exemption, type Schema, type Settings } from "./config";
import type { Metadata } from "./metadata";
import { reveal, unknown, type Value } from "./values";

/** A resource as any caller has it: from the engine, from an exported state, from a mocked program. */
export interface ResourceUnderTest {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
}

/** A resource as rules see it. */
export interface Resource {
  type: string;
  name: string;
  urn: string;
  props: Value;
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
  const parse = (given: object): C & { exemptions: Exemption[] } => {
    const config: unknown = { ...defaultsOf(settings), ...given };
    assertConfig<C & { exemptions: Exemption[] }>(metadata.name, settings, config);
    return config;
  };
  return {
    metadata,
    settings,
    validate: parse,
    ...(resource && {
      resource: (subject, given, today) => {
        const config = parse(given);
        return conclude(
          metadata,
          isKubernetes(subject) ? resource(view(subject), config) : [],
          config.exemptions,
          today,
        );
      },
    }),
    ...(stack && {
      stack: (subjects, given, today) => {
        const config = parse(given);
        return conclude(metadata, stack(subjects.filter(isKubernetes).map(view), config), config.exemptions, today);
      },
    }),
  };
}

function isKubernetes(resource: ResourceUnderTest): boolean {
  return resource.type.startsWith("kubernetes:");
}

function view({ type, name, urn, props }: ResourceUnderTest): Resource {
  // Before its cluster is made the engine can't ask for an object's outputs, and hands over none of them.
  return { type, name, urn, props: Object.keys(props).length === 0 ? unknown : revealed(props) };
}

/** Every policy asks for the same properties, and none changes them. */
const copies = new WeakMap<object, Value>();

function revealed(props: object): Value {
  const copy = copies.get(props) ?? reveal(props);
  copies.set(props, copy);
  return copy;
}

function conclude(
  metadata: Metadata,
  findings: readonly Finding[],
  exempt: readonly Exemption[],
  today: Date,
): Violation[] {
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

function covers(exemption: Exemption, resource: Resource): boolean {
  const pattern = exemption.resource.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const expression = new RegExp(`^${pattern}$`);
  return expression.test(resource.name) || expression.test(resource.urn);
}
