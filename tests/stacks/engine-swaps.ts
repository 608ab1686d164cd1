import type { Plan, PlannedResource } from "../../rehearsal/engine/plan";
import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { changesOf } from "../../rehearsal/providers/property-path";

type Sections = Record<string, unknown>;

const section = (stack: string, key: string): Sections =>
  readStackFile(projectRoot, stack).config[`omega:${key}`] as Sections;

/** Engines of AWS need a VPC: dev in a cluster that it makes, before and after. */
const devOnAws: Sections = {
  "omega:cluster": { source: "eks" },
  "omega:regions": [
    {
      ...{ name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" },
      location: { latitude: 38.9, longitude: -77.4 },
    },
  ],
};

export interface Swap {
  stack: string;
  from: string;
  to: string;
  /** Sections before and after. */
  base: Sections;
  changed: Sections;
}

const image = "registry.example.com/shop/kafka:4.1.0";
const digest = "sha256:0ea0cdfbbf22e623692d4186fbc910db1f5ff142ea2409b93873ac1356a00117";
const shop = { name: "shop", tenantIsolation: "shared-database" };

/** On Vitess each region has rows of its own. */
const apart = { spansRegions: false };
const regions = ["us-east", "eu-west", "ap-south", "ap-north"];

/** Copies between regions say how they reach each other in each engine's own terms. */
const alone = Object.fromEntries(Object.entries(section("prod", "events")).filter(([key]) => key !== "regions"));

export const swaps: readonly Swap[] = [
  {
    ...{ stack: "dev", from: "vitess", to: "aurora", base: devOnAws },
    changed: { "omega:database": { engine: "aurora", keyspaces: [{ ...shop }, { name: "payments" }] } },
  },
  {
    ...{ stack: "dev", from: "strimzi", to: "msk", base: devOnAws },
    changed: {
      "omega:events": { ...section("dev", "events"), engine: "msk" },
      // Its own client can't sign in to MSK.
      "omega:schemaRegistry": section("prod", "schemaRegistry"),
    },
  },
  {
    ...{ stack: "dev", from: "dragonfly", to: "elasticache", base: devOnAws },
    changed: { "omega:cache": { ...section("dev", "cache"), engine: "elasticache" } },
  },
  {
    ...{ stack: "prod-us-east", from: "aurora", to: "vitess", base: {} },
    changed: {
      "omega:database": {
        ...{ engine: "vitess", size: "large", gibibytes: 500 },
        keyspaces: [
          { ...shop, ...apart },
          { name: "payments", ...apart },
        ],
        vitess: {
          zones: Object.fromEntries(regions.map((name) => [name, ["a", "b", "c"].map((zone) => `${name}-${zone}`)])),
          backups: {
            buckets: Object.fromEntries(
              regions.map((name) => [name, { bucket: `${name}-database-backups`, region: "us-east-1" }]),
            ),
          },
        },
      },
    },
  },
  {
    ...{ stack: "prod-us-east", from: "msk", to: "strimzi", base: { "omega:events": alone } },
    changed: {
      "omega:events": { ...alone, engine: "strimzi" },
      // With the plug-in for tiered storage in it.
      "omega:eventArchive": { kafkaImage: `${image}@${digest}` },
    },
  },
  {
    ...{ stack: "prod-us-east", from: "elasticache", to: "dragonfly", base: {} },
    changed: { "omega:cache": { ...section("prod", "cache"), engine: "dragonfly" } },
  },
];

export interface Comparison {
  removed: PlannedResource[];
  added: PlannedResource[];
  /** Of those that stay: the paths that differ. */
  changed: { resource: PlannedResource; paths: string[] }[];
  same: PlannedResource[];
}

export function compare(before: Plan, after: Plan): Comparison {
  const byUrn = ({ resources }: Plan) => new Map(resources.map((resource) => [resource.engineUrn, resource]));
  const [olds, news] = [byUrn(before), byUrn(after)];
  const staying = before.resources.flatMap((resource) => {
    const other = news.get(resource.engineUrn);
    return other === undefined ? [] : [{ resource, paths: changesOf(byName(resource.props), byName(other.props), []) }];
  });
  return {
    removed: before.resources.filter(({ engineUrn }) => !news.has(engineUrn)),
    added: after.resources.filter(({ engineUrn }) => !olds.has(engineUrn)),
    changed: staying.filter(({ paths }) => paths.length > 0),
    same: staying.filter(({ paths }) => paths.length === 0).map(({ resource }) => resource),
  };
}

/** Lists of named things, such as variables and volumes, by their names: their order says nothing. */
function byName(value: unknown): unknown {
  if (Array.isArray(value)) {
    const names = value.map((each: unknown) => (isRecord(each) ? (each.name ?? each.mountPath) : undefined));
    const isNamed = value.length > 0 && names.every((name) => typeof name === "string");
    return isNamed && new Set(names).size === names.length
      ? Object.fromEntries(value.map((each, index) => [names[index], byName(each)]))
      : value.map(byName);
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, byName(item)]));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Components above a resource, and its kind: `AgenticService/ServiceTraffic`, `Sidecar`. */
export function placeOf({ engineUrn }: PlannedResource): { components: string; kind: string } {
  const types = (engineUrn.split("::")[2] ?? "").split("$").map((type) => type.split(":").at(-1) ?? "");
  return { components: types.slice(0, -1).join("/"), kind: types.at(-1) ?? "" };
}
