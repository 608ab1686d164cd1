import { z } from "zod";
import { Bulkhead } from "../components";
import { parseBlock, vpcPrefixes } from "../components/foundation/address-plan";
import { contractProblems } from "../components/service/contract";
import { contractGraphProblems } from "../components/service/contract-graph";
import { chaosErrors } from "./chaos";
import { gatewayErrors } from "./gateway";
import { list, type ConfigurationError, field } from "./input";
import { ClusterSource, contractSchema, passwordKey, type PlatformSections, platformSchema, Scope } from "./schema";

export interface Validation {
  /** Undefined if there are errors. */
  sections?: PlatformSections;
  errors: ConfigurationError[];
}

/** Checks the sections of a stack file, each for itself and against each other; finds all errors, not the first. */
export function validate(input: Record<string, unknown>, hasPassword: boolean): Validation {
  const result = platformSchema.safeParse(input, { reportInput: true });
  const errors = result.success ? [] : result.error.issues.flatMap(describeIssue);
  errors.push(...crossErrors(input, hasPassword));
  return result.success && errors.length === 0 ? { sections: result.data, errors } : { errors };
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

/** Rules between sections. They read the raw input, so that they report beside errors of form, not after them. */
function crossErrors(input: Record<string, unknown>, hasPassword: boolean): ConfigurationError[] {
  return [
    ...serviceErrors(input),
    ...gatewayErrors(input),
    ...chaosErrors(input),
    ...regionErrors(input),
    ...registryErrors(input, hasPassword),
  ];
}

/** The graph of the contracts, as far as it can be read beside errors of form. */
const graphSchema = z.array(
  z
    .object({
      name: z.string().catch(""),
      bulkhead: z.enum(Bulkhead).default(Bulkhead.Standard).catch(Bulkhead.Critical),
      dependencies: z
        .array(
          z.object({
            service: z.string(),
            bulkhead: z.enum(Bulkhead).catch(Bulkhead.Standard),
            fallbacks: z.array(z.string()).catch([]),
          }),
        )
        .catch([]),
    })
    .catch({ name: "", bulkhead: Bulkhead.Critical, dependencies: [] }),
);

const digest = /@sha256:[0-9a-f]{64}$/;

function serviceErrors({ services: given, scope }: Record<string, unknown>): ConfigurationError[] {
  const services = list(given);
  const errors = duplicates("services", services);
  const graph = contractGraphProblems(graphSchema.parse(services));
  errors.push(...graph.map(({ path, reason }) => ({ path: `services${path}`, reason })));
  services.forEach((service, index) => {
    const at = `services[${index}]`;
    const replicas = field(service, "replicas");
    const [min, max] = [field(replicas, "min"), field(replicas, "max")];
    if (typeof min === "number" && typeof max === "number" && max < min) {
      errors.push({ path: `${at}.replicas.max`, reason: `must be at least replicas.min, which is ${min}` });
    }
    const contract = contractSchema.safeParse(service);
    const problems = contract.success ? contractProblems(contract.data) : [];
    errors.push(...problems.map(({ path, reason }) => ({ path: path.replace(/^contract/, at), reason })));
    const image = field(service, "image");
    const isProduction = scope === Scope.Region || scope === Scope.Global;
    if (isProduction && typeof image === "string" && !digest.test(image)) {
      const reason = "must end in @sha256:<digest>: what production runs must not change behind its tag";
      errors.push({ path: `${at}.image`, reason });
    }
  });
  return errors;
}

function regionErrors(input: Record<string, unknown>): ConfigurationError[] {
  const regions = list(input.regions);
  const errors = duplicates("regions", regions);
  const { scope, region } = input;
  const names = regions.map((entry) => field(entry, "name"));
  if (scope === Scope.Region && names.length > 0 && !names.includes(region)) {
    errors.push({ path: "region", reason: `must be one of the regions: ${names.map(String).join(", ")}` });
  }
  if (scope === Scope.Single && regions.length > 1) {
    errors.push({
      path: "regions",
      reason: "must be one where scope is single; several regions are stacks of their own",
    });
  }
  if (scope === Scope.Global && input.cloudflareAccountId === undefined) {
    errors.push({ path: "cloudflareAccountId", reason: "is missing: the edge of a global stack lives in an account" });
  }
  const { namespace } = input;
  if (typeof namespace === "string" && /^(istio-system|default|kube-.*)$/.test(namespace)) {
    errors.push({ path: "namespace", reason: `must be one of its own: ${namespace} belongs to the cluster` });
  }
  regions.forEach((entry, index) => {
    const cidrBlock = field(entry, "cidrBlock");
    if (typeof cidrBlock === "string") {
      const block = parseBlock(cidrBlock);
      if (block === undefined || block.prefix < vpcPrefixes.largest || block.prefix > vpcPrefixes.smallest) {
        errors.push({
          path: `regions[${index}].cidrBlock`,
          reason: "must be an IPv4 block from /16 to /20, e.g. 10.0.0.0/16",
        });
      }
      const other = regions.slice(0, index).findIndex((each) => overlap(field(each, "cidrBlock"), cidrBlock));
      if (other !== -1) {
        errors.push({ path: `regions[${index}].cidrBlock`, reason: `overlaps with the block of regions[${other}]` });
      }
    }
    if (field(input.cluster, "source") !== ClusterSource.Eks) return;
    for (const key of ["aws", "cidrBlock"]) {
      if (field(entry, key) === undefined) {
        errors.push({ path: `regions[${index}].${key}`, reason: "is missing: cluster.source eks needs it" });
      }
    }
  });
  return errors;
}

function overlap(first: unknown, second: string): boolean {
  const blocks = [typeof first === "string" ? parseBlock(first) : undefined, parseBlock(second)];
  const [left, right] = blocks.map((block) => block && { from: block.base, to: block.base + 2 ** (32 - block.prefix) });
  return left !== undefined && right !== undefined && left.from < right.to && right.from < left.to;
}

function registryErrors({ imageRegistry }: Record<string, unknown>, hasPassword: boolean): ConfigurationError[] {
  if (imageRegistry !== undefined && !hasPassword) {
    return [{ path: passwordKey, reason: `is missing: pulumi config set --secret omega:${passwordKey}` }];
  }
  if (imageRegistry === undefined && hasPassword) {
    return [{ path: "imageRegistry", reason: `is missing, but ${passwordKey} is set` }];
  }
  return [];
}

function duplicates(section: string, entries: unknown[]): ConfigurationError[] {
  const names = entries.map((entry) => field(entry, "name"));
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    return [{ path: `${section}[${index}].name`, reason: `"${String(name)}" is taken by ${section}[${first}]` }];
  });
}
