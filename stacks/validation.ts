import type { z } from "zod";
import { alertReceiverProblems } from "../components/observability/alert-receivers";
import { parseBlock, vpcPrefixes } from "../components/foundation/address-plan";
import { contractProblems } from "../components/service/contract";
import { chartNamespaces } from "../components/foundation/operators/charts";
import { contractGraphProblems } from "../components/service/contract-graph";
import { healthPortProblems } from "../components/service/argument-problems";
import { cacheErrors } from "./cache";
import { chaosErrors } from "./chaos";
import { databaseErrors } from "./database";
import { edgeErrors, edgeSurroundings } from "./edge-plan";
import { entityErrors, entityTables } from "./entities";
import { eventArchiveErrors } from "./event-archive";
import { eventSchemaErrors } from "./event-schemas";
import { eventsErrors } from "./events";
import { flagErrors } from "./flags";
import { foundationErrors } from "./foundation";
import { gatewayErrors } from "./gateway";
import { isolationErrors } from "./isolation";
import type { ConfigurationError } from "./configuration-error";
import { lenient } from "./lenient";
import { type DataLayout, emptyLayout } from "./previous";
import { ClusterSource, type PlatformSections, platformSchema, Scope, type SecretKey } from "./schema";
import { sagaErrors } from "./sagas";
import { registryNodes, schemaRegistryErrors } from "./schema-registry";
import { secretErrors } from "./secrets";
import { contractOf } from "./services";
import { lifecycleErrors } from "./tenant-lifecycle";
import { tenantErrors } from "./tenants";
import { placeOfPool, tierPoolErrors, withTierPools } from "./tier-pools";

export interface Validation {
  /** Undefined if there are errors. */
  sections?: PlatformSections;
  errors: ConfigurationError[];
}

/**
 * Checks the sections of a stack file, each for itself, against each other and against what is there already; finds all
 * errors, not the first.
 */
export function validate(
  input: Record<string, unknown>,
  secrets: readonly SecretKey[],
  previous: DataLayout = emptyLayout,
): Validation {
  const result = platformSchema.safeParse(input, { reportInput: true });
  const ofForm = result.success ? [] : result.error.issues.flatMap(describeIssue);
  const lenientSections = lenientPlatform.parse(input);
  const services = withTierPools(lenientSections.services);
  const between = crossErrors({ ...lenientSections, services }, secrets, previous).map(({ path, reason }) => ({
    path: placeOfPool(path, services),
    reason,
  }));
  // What has the wrong form is judged by that alone.
  const errors = [...ofForm, ...between.filter(({ path }) => !ofForm.some((error) => isWithin(path, error.path)))];
  if (!result.success || errors.length > 0) return { errors };
  return { sections: { ...result.data, services: withTierPools(result.data.services) }, errors };
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function describeIssue(issue: z.core.$ZodIssue): ConfigurationError[] {
  const path = formatPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const reason = "is not known here: remove it or correct its spelling (the JSON Schema lists what is)";
    return issue.keys.map((key) => ({ path: formatPath([...issue.path, key]), reason }));
  }
  return [{ path, reason: reasonOf(issue) }];
}

function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `is missing: must be ${article(issue.expected)}`
        : `must be ${article(issue.expected)}`;
    case "too_small":
      return issue.origin === "array" ? `must have at least ${issue.minimum}` : `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    case "invalid_value":
      return `${issue.input === undefined ? "is missing: " : ""}must be one of ${issue.values.join(", ")}`;
    default:
      return issue.message;
  }
}

function article(expected: string): string {
  const word = expected === "int" ? "whole number" : expected === "array" ? "list" : expected;
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`;
}

/** The sections as far as they can be read. */
const lenientPlatform = lenient(platformSchema);

const isWithin = (path: string, parent: string): boolean =>
  path === parent || (path.startsWith(parent) && /^[.[]/.test(path.slice(parent.length)));

function crossErrors(
  sections: PlatformSections,
  secrets: readonly SecretKey[],
  previous: DataLayout,
): ConfigurationError[] {
  return [
    ...serviceErrors(sections),
    ...gatewayErrors(sections),
    ...isolationErrors(sections),
    ...eventsErrors(sections, previous),
    ...eventSchemaErrors(),
    ...eventArchiveErrors(sections),
    ...schemaRegistryErrors(sections),
    ...sagaErrors(sections),
    ...cacheErrors(sections),
    ...databaseErrors(sections, previous, entityTables(sections)),
    ...entityErrors(sections),
    ...chaosErrors(sections),
    ...namespaceErrors(sections),
    ...regionErrors(sections),
    ...foundationErrors(sections),
    ...edgeErrors(sections, secrets),
    ...tenantErrors(sections, edgeSurroundings(sections)),
    ...lifecycleErrors(sections, previous),
    ...tierPoolErrors(sections),
    ...flagErrors(sections),
    ...registryErrors(sections, secrets),
    ...receiverErrors(sections),
  ];
}

const reservedNames = ["chaos-traffic", "contracts", "default", "default-deny"];
const digest = /@sha256:[0-9a-f]{64}$/;

function serviceErrors(sections: PlatformSections): ConfigurationError[] {
  const { services, scope } = sections;
  const errors = duplicates("services", services);
  const graph = [...services, ...registryNodes(sections)];
  errors.push(...contractGraphProblems(graph).map(({ path, reason }) => ({ path: `services${path}`, reason })));
  services.forEach((service, index) => {
    const at = `services[${index}]`;
    if (reservedNames.includes(service.name)) {
      errors.push({ path: `${at}.name`, reason: `"${service.name}" names objects of the platform in this namespace` });
    }
    const { min, max } = service.replicas;
    if (max < min)
      errors.push({ path: `${at}.replicas.max`, reason: `must be at least replicas.min, which is ${min}` });
    const contract = contractOf(service);
    const problems = [...contractProblems(contract), ...healthPortProblems({ ...service, contract })];
    errors.push(...problems.map(({ path, reason }) => ({ path: path.replace(/^contract/, at), reason })));
    const isProduction = scope === Scope.Region || scope === Scope.Global;
    if (isProduction && !digest.test(service.image)) {
      const reason = "must end in @sha256:<digest>: what production runs must not change behind its tag";
      errors.push({ path: `${at}.image`, reason });
    }
  });
  return errors;
}

/** Each has one of its own: two that share one would fight over its policies, and one would delete the other's. */
function namespaceErrors({
  namespace,
  gateway,
  cache,
  database,
  events,
  chaos,
}: PlatformSections): ConfigurationError[] {
  const given = Object.entries({
    namespace,
    "gateway.namespace": gateway?.namespace,
    "cache.namespace": cache?.namespace,
    "database.namespace": database?.namespace,
    "events.namespace": events?.namespace,
    "chaos.namespace": chaos?.namespace,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.flatMap(([path, name], index) => {
    if (/^(istio-system|default|kube-.*)$/.test(name)) {
      return [{ path, reason: `must be one of its own: ${name} belongs to the cluster` }];
    }
    if (chartNamespaces.includes(name)) {
      return [{ path, reason: `must be one of its own: ${name} belongs to a controller` }];
    }
    const [taken] = given.slice(0, index).filter(([, other]) => other === name);
    return taken === undefined ? [] : [{ path, reason: `must be one of its own: ${name} is that of ${taken[0]}` }];
  });
}

function regionErrors(sections: PlatformSections): ConfigurationError[] {
  const { scope, region, regions, cluster } = sections;
  const errors = duplicates("regions", regions);
  const names = regions.map(({ name }) => name);
  if (scope === Scope.Region && names.length > 0 && !names.some((name) => name === region)) {
    errors.push({ path: "region", reason: `must be one of the regions: ${names.join(", ")}` });
  }
  if (scope === Scope.Single && regions.length > 1) {
    errors.push({
      path: "regions",
      reason: "must be one where scope is single; several regions are stacks of their own",
    });
  }
  if ((scope === Scope.Global || sections.edge !== undefined) && sections.cloudflareAccountId === undefined) {
    errors.push({ path: "cloudflareAccountId", reason: "is missing: what is at the edge lives in an account" });
  }
  regions.forEach(({ aws, cidrBlock }, index) => {
    if (cidrBlock !== undefined) {
      const block = parseBlock(cidrBlock);
      if (block === undefined || block.prefix < vpcPrefixes.largest || block.prefix > vpcPrefixes.smallest) {
        errors.push({
          path: `regions[${index}].cidrBlock`,
          reason: "must be an IPv4 block from /16 to /20, e.g. 10.0.0.0/16",
        });
      }
      const other = regions.slice(0, index).findIndex((each) => overlap(each.cidrBlock, cidrBlock));
      if (other !== -1) {
        errors.push({ path: `regions[${index}].cidrBlock`, reason: `overlaps with the block of regions[${other}]` });
      }
    }
    if (cluster.source !== ClusterSource.Eks) return;
    for (const [key, value] of Object.entries({ aws, cidrBlock })) {
      if (value === undefined) {
        errors.push({ path: `regions[${index}].${key}`, reason: "is missing: cluster.source eks needs it" });
      }
    }
  });
  return errors;
}

function overlap(first: string | undefined, second: string): boolean {
  const blocks = [first === undefined ? undefined : parseBlock(first), parseBlock(second)];
  const [left, right] = blocks.map((block) => block && { from: block.base, to: block.base + 2 ** (32 - block.prefix) });
  return left !== undefined && right !== undefined && left.from < right.to && right.from < left.to;
}

function registryErrors({ imageRegistry }: PlatformSections, secrets: readonly SecretKey[]): ConfigurationError[] {
  return secretErrors("imageRegistryPassword", "imageRegistry", imageRegistry !== undefined, secrets);
}

function receiverErrors({ observability }: PlatformSections): ConfigurationError[] {
  const problems = alertReceiverProblems(observability?.receivers ?? []);
  return problems.map(({ path, reason }) => ({ path: `observability.${path}`, reason }));
}

function duplicates(section: string, entries: { name: string }[]): ConfigurationError[] {
  const names = entries.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    return [{ path: `${section}[${index}].name`, reason: `"${name}" is taken by ${section}[${first}]` }];
  });
}
