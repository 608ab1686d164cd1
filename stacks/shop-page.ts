import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { callersOf } from "../components/service/contract-graph";
import { isDedicated, namespaceOf } from "./isolation";
import { markdownTable } from "./markdown-table";
import { databaseSchema } from "./schema/database";
import { eventsSchema } from "./schema/events";
import { type ServiceSection, sections } from "./schema";

const root = join(__dirname, "..");

export const shopPagePath = join(root, "docs/shop.md");

const stackFile = z.object({
  config: z.object({
    "omega:namespace": sections.namespace,
    "omega:regions": sections.regions,
    "omega:services": sections.services,
    "omega:database": databaseSchema,
    "omega:events": eventsSchema,
    "omega:gateway": sections.gateway,
  }),
});

type Shop = z.output<typeof stackFile>["config"];

const code = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(", ") || "–";

function storesOf({ database, cache }: ServiceSection, shop: Shop): string {
  const { engine } = shop["omega:database"];
  return (
    [
      ...(database === undefined
        ? []
        : [`${engine} \`${database.keyspace}\`, ${database.consistency}, ${database.reads}`]),
      ...(cache === undefined ? [] : [`${cache.profile} cache`]),
    ].join("; ") || "–"
  );
}

function responsibilities(shop: Shop): string {
  const services = shop["omega:services"];
  return markdownTable(
    ["service", "owns", "publishes", "consumes", "called by"],
    services.map((service) => [
      service.name,
      code(service.owns),
      code(service.publishes),
      code(service.consumes),
      code([
        ...callersOf(service.name, services).map((caller) => caller.service),
        ...(service.routes.length === 0 ? [] : ["gateway"]),
      ]),
    ]),
  );
}

function places(shop: Shop): string {
  const services = shop["omega:services"];
  const where = { namespace: shop["omega:namespace"], services };
  return markdownTable(
    ["service", "class", "isolation", "namespace", "stores in production", "routes"],
    services.map((service) => [
      service.name,
      service.bulkhead,
      isDedicated(service) ? "dedicated: nodes, database cluster and key too" : service.isolation,
      `\`${namespaceOf(service.name, where)}\``,
      storesOf(service, shop),
      code(service.routes.map(({ path }) => path)),
    ]),
  );
}

function regions(shop: Shop): string {
  const { aurora } = shop["omega:database"];
  const events = shop["omega:events"];
  const writer = aurora.writerRegion ?? aurora.primaryRegion;
  const copied = events.topics.filter(({ isCopied }) => isCopied).map(({ name }) => name);
  return markdownTable(
    ["region", "database", "promoted", "events copied from it to the others"],
    shop["omega:regions"].map(({ name }) => [
      name,
      name === writer ? "writes" : "reads its copy, forwards writes",
      name === aurora.primaryRegion ? "–" : `${aurora.failoverOrder.indexOf(name) + 1}.`,
      events.regions.some(({ region }) => region === name) ? code(copied) : "–",
    ]),
  );
}

export function shopPage(shop: Shop): string {
  return `# The shop

Written by \`npm run shop\` from Pulumi.prod.yaml: who is responsible for what. A datum has one owner, which alone writes it; whoever
else needs it asks the owner or consumes its events. What the columns are enforced by: the owner by the configuration's check and the
policy \`one-owner-per-datum\`, events by the brokers' access rules, calls by the mesh, isolation by \`dedicated-isolation\`.

${responsibilities(shop)}

## Where they are

${places(shop)}

## Regions

${regions(shop)}

Why so: [ADR 12](adr/0012-one-writer-for-what-outlives-a-region.md). What to do when one is lost: [runbooks](runbooks.md#a-region-is-lost).
`;
}

export function currentShopPage(): string {
  const parsed: unknown = parse(readFileSync(join(root, "Pulumi.prod.yaml"), "utf8"));
  return shopPage(stackFile.parse(parsed).config);
}

if (require.main === module) writeFileSync(shopPagePath, currentShopPage());
