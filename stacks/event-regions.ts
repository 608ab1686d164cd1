import { type EventBusArgs, EventBusEngine, type EventPlan, type RegionalBus } from "../components";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import type { EventsSection, PlatformSections, RegionSection } from "./schema";

/** Rules between the regions whose topics are copied to each other. */
export function regionErrors(
  { engine, regions, topics }: EventsSection,
  sections: PlatformSections,
): ConfigurationError[] {
  const known = sections.regions.map(({ name }) => name);
  const openTo = (region: string) => engine === EventBusEngine.Strimzi && blockOf(sections, region) === undefined;
  return regions.flatMap(({ region, domain, msk }, index) => {
    const path = `events.regions[${index}]`;
    const first = regions.findIndex((other) => other.region === region);
    const needed = engine === EventBusEngine.Strimzi ? { domain } : { msk };
    return [
      ...(known.includes(region) ? [] : [{ path: `${path}.region`, reason: `must be one of ${known.join(", ")}` }]),
      ...(known.includes(region) && openTo(region)
        ? [{ path: `${path}.region`, reason: `"${region}" needs its cidrBlock in regions: brokers let in nobody else` }]
        : []),
      ...(topics.some(({ name }) => name === region)
        ? [
            {
              path: `${path}.region`,
              reason: `"${region}" is a topic too: its copies would be named like that one's retries`,
            },
          ]
        : []),
      ...(first === index ? [] : [{ path: `${path}.region`, reason: `"${region}" is taken by regions[${first}]` }]),
      ...Object.entries(needed).flatMap(([key, value]) =>
        value === undefined ? [{ path: `${path}.${key}`, reason: `is missing: engine ${engine} needs it` }] : [],
      ),
    ];
  });
}

const blockOf = ({ regions }: Pick<PlatformSections, "regions">, region: string): string | undefined =>
  regions.find(({ name }) => name === region)?.cidrBlock;

/** Whether this region's topics are copied to another one. */
export function isCopied({ regions }: EventsSection, region: string): boolean {
  return regions.length > 1 && regions.some((each) => each.region === region);
}

/** What other regions copy of a plan: topics, with their subscriptions, that don't say otherwise. Those of entities never do. */
export function copiedPlan({ topics }: EventsSection, plan: EventPlan): EventPlan {
  const left = new Set(topics.filter(({ isCopied: copies }) => !copies).map(({ name }) => name));
  return {
    topics: plan.topics.filter(({ name }) => !left.has(name)),
    clients: plan.clients.map((client) => ({
      ...client,
      groups: client.subscriptions.filter(({ topic }) => !left.has(topic)).map(({ group }) => group),
      publishes: Object.fromEntries(Object.entries(client.publishes).filter(([, topic]) => !left.has(topic))),
    })),
  };
}

/**
 * MSK keeps no backups: in production every region's topics must be elsewhere too, as those of a region that the list of copies
 * leaves out are not.
 */
export function keptElsewhereErrors(events: EventsSection, sections: PlatformSections): ConfigurationError[] {
  if (events.engine !== EventBusEngine.Msk || sections.environment !== "prod") return [];
  if (sections.eventArchive !== undefined) return [];
  const lost = sections.regions.map(({ name }) => name).filter((name) => !isCopied(events, name));
  if (lost.length === 0) return [];
  const reason = `is msk, which has no backups: all events of ${lost.join(", ")} would be lost with the cluster`;
  return [
    { path: "events.engine", reason: `${reason}; add eventArchive, or copies in other regions by events.regions` },
  ];
}

/** How the other regions reach this one's brokers. */
export function regionalAccess(
  { regions }: EventsSection,
  config: PlatformConfig,
  { name }: RegionSection,
): Pick<EventBusArgs, "regions"> {
  const own = regions.find(({ region }) => region === name);
  if (own?.domain === undefined || regions.length < 2) return {};
  const { domain, annotations } = own;
  const others = regions.filter(({ region }) => region !== name);
  const sources = others.flatMap(({ region }) => blockOf(config, region) ?? []);
  return { regions: { domain, sources, ...(annotations === undefined ? {} : { annotations }) } };
}

/** The other regions, where this one is among those that copy. */
export function sourcesOf({ regions }: EventsSection, config: PlatformConfig, { name }: RegionSection): RegionalBus[] {
  if (!regions.some(({ region }) => region === name)) return [];
  return regions
    .filter(({ region }) => region !== name)
    .map(({ region, domain, msk = {} }) => {
      const cidrBlock = blockOf(config, region);
      return {
        region,
        ...(domain === undefined ? {} : { domain }),
        ...(cidrBlock === undefined ? {} : { cidrBlock }),
        ...msk,
      };
    });
}
