import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlannedResource } from "../../rehearsal/engine/plan";
import { projectRoot } from "../../rehearsal/paths";
import { type Comparison, compare, placeOf, type Swap, swaps } from "./engine-swaps";
import { planned } from "./planned";

const titles = swaps.map((swap) => [`${swap.stack}: ${swap.from} → ${swap.to}`, swap] as const);
const comparisons = new Map<Swap, Comparison>();

beforeAll(async () => {
  // One after the other: mocks belong to the process.
  for (const swap of swaps) {
    const before = await planned(swap.stack, swap.base, false);
    comparisons.set(swap, compare(before, await planned(swap.stack, { ...swap.base, ...swap.changed }, false)));
  }
}, 600_000);

const of = (swap: Swap): Comparison => comparisons.get(swap) ?? { removed: [], added: [], changed: [], same: [] };

/** What services promise, and who may call them how: nothing of a store. */
function isPromise(resource: PlannedResource): boolean {
  const { components, kind } = placeOf(resource);
  // The way to a store, and what bounds it.
  if (/(TcpBoundary|ExternalStore)$/.test(components)) return false;
  if (components.startsWith("AgenticService") || components === "ContractRegistry" || components === "Gateway") {
    return ["ConfigMap", "Service", "HTTPRoute", "DestinationRule", "VirtualService"].includes(kind) || isRule(kind);
  }
  return ["HTTPRoute", "VirtualService"].includes(kind) || (components === "MeshNamespace" && isRule(kind));
}
const isRule = (kind: string) => ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"].includes(kind);

test.each(titles)("%s changes no contract, route or rule of the mesh", (_, swap) => {
  const { removed, added, changed, same } = of(swap);
  const touched = [...removed, ...added, ...changed.map(({ resource }) => resource)];
  expect(touched.filter(isPromise).map(({ engineUrn }) => engineUrn)).toEqual([]);
  const kinds = new Set(same.filter(isPromise).map((each) => placeOf(each).kind));
  for (const kind of ["ConfigMap", "HTTPRoute", "AuthorizationPolicy", "DestinationRule", "Service"]) {
    expect(kinds).toContain(kind);
  }
});

/** Where a service meets its stores: variables, certificates, the way out, and how far behind it is. */
const connections: Record<string, RegExp> = {
  Deployment:
    /^spec\.template\.(spec\.(containers\.\w+(\["[\w-]+"\])?|containers\["[\w-]+"\])\.(env\.((DATABASE|CACHE|EVENTS|KAFKA)_\w+|AWS_REGION)|volumeMounts)|spec\.volumes|metadata\.annotations\["traffic\.sidecar\.istio\.io\/excludeOutboundIPRanges"\])/,
  NetworkPolicy: /^spec\.egress/,
  Sidecar: /^spec\.egress/,
  ScaledObject: /^spec\.triggers\[\d+\]\.metadata\.(bootstrapServers|awsRegion)$/,
};

test.each(titles)("%s changes of services how they reach the store, nothing else", (_, swap) => {
  const { changed } = of(swap);
  const ofServices = changed.filter(({ resource }) =>
    /^AgenticService(\/ServiceTraffic)?$/.test(placeOf(resource).components),
  );
  const others = ofServices.flatMap(({ resource, paths }) => {
    const allowed = connections[placeOf(resource).kind];
    return paths.filter((path) => allowed?.test(path) !== true).map((path) => `${resource.name}: ${path}`);
  });
  expect(others).toEqual([]);
  expect(ofServices.map(({ resource }) => placeOf(resource).kind)).toContain("Deployment");
});

function row([, swap]: (typeof titles)[number]): string {
  const { removed, added, changed, same } = of(swap);
  const isService = (each: PlannedResource) => /^AgenticService/.test(placeOf(each).components);
  const touched = changed.map(({ resource }) => resource);
  const promises = same.filter(isPromise).length;
  const cells = [
    ...[swap.stack, `${swap.from} → ${swap.to}`, `0 of ${promises}`],
    ...[touched.filter(isService).length, removed.length, added.length].map(String),
  ];
  return cells.join("|");
}

test("the page about engines says what the plans say", () => {
  const page = readFileSync(join(projectRoot, "docs/engines.md"), "utf8");
  const rows = page.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
      .join("|"),
  );
  expect(rows.filter((each) => each.includes("→"))).toEqual(titles.map(row));
});
