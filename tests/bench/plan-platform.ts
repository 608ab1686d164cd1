import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";

/** Of what there is more from run to run. */
export type Dimension = "services" | "tenants";

type Section = Record<string, unknown>;

/** Types of events have no digits: `a` to `z`, `ba`, … */
const word = (index: number): string =>
  (index < 26 ? "" : word(Math.floor(index / 26))) + String.fromCharCode(97 + (index % 26));

/** Services in a chain: each calls one, hears of another's events, and has a topic, a database, a cache and a route. */
function service(index: number, count: number): Section {
  const next = index + 1;
  return {
    ...{ name: `service-${index}`, version: "1.0.0", image: `registry.example.com/bench/service-${index}:1.0.0` },
    ...{ capabilities: [`capability-${index}`], owns: [`data-${index}`], replicas: { min: 2, max: 4 } },
    publishes: [`${word(index)}.*`],
    consumes: next < count ? [`${word(next)}.*`] : [],
    dependencies: next < count ? [{ service: `service-${next}`, idempotent: true }] : [],
    database: { keyspace: "shop", connectionsPerReplica: 1 },
    cache: { profile: "shared" },
    routes: [{ path: `/service-${index}` }],
  };
}

const tenant = (index: number): Section => ({
  // One of the flags names the first.
  ...{ id: index === 0 ? "acme" : `tenant-${index}`, dataRegion: "us-east" },
  customDomains: [`shop.tenant-${index}.net`],
  tier: ["free", "pro", "enterprise"][index % 3],
});

/** The configuration of a platform like dev with so many of one thing. */
export function platformOf(dimension: Dimension, count: number): Section {
  const { config } = readStackFile(projectRoot, "dev");
  if (dimension === "tenants") {
    return { ...config, "omega:tenants": Array.from({ length: count }, (_, index) => tenant(index)) };
  }
  // They speak of the shop's own services.
  const without = ["omega:chaos", "omega:sagas", "omega:entities"];
  const base = Object.fromEntries(Object.entries(config).filter(([key]) => !without.includes(key)));
  const indexes = Array.from({ length: count }, (_, index) => index);
  return {
    ...base,
    "omega:services": indexes.map((index) => service(index, count)),
    "omega:events": {
      ...(config["omega:events"] as Section),
      topics: indexes.map((index) => ({ name: `topic-${index}`, events: [`${word(index)}.*`] })),
    },
    "omega:edge": { ...(config["omega:edge"] as Section), queuedPaths: [] },
    "omega:database": { ...(config["omega:database"] as Section), size: "large" },
  };
}
