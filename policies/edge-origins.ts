import { type Demands, isNotTrue, isTrue, judge } from "./demands";
import { edge, isInZone, mentionsWhy, servedZones } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, list, not, some, unknown, type Answer, type Value } from "./values";

export const hiddenOrigins = definePolicy<object>({
  metadata: edgeMetadata.hiddenOrigins,
  settings: {},
  resource: (resource) => [
    ...judge(resource, { [edge.balancer]: [["proxied", isTrue, exposed]] }),
    ...ofKind([resource], edge.record)
      .filter((record) => every([isAddress(record), not(isForMachines(record))]) === true)
      .filter((record) => mentionsWhy(at(record.props, "comment"), "unproxied") === false)
      .flatMap((record) => judge(record, { [edge.record]: [["proxied", isTrue, exposed]] })),
  ],
  stack: (resources) =>
    servedZones(resources)
      .filter(({ zone }) => every([hasOrigins(resources, zone), not(showsItself(resources, zone))]) === true)
      .map(({ by }): Finding => ({
        resource: by,
        path: "zoneId",
        reason: "shows its origins no certificate, so they can't tell it from anybody else",
      })),
});

const exposed = "so everybody learns the origin's address, and can go round the edge";

function isAddress({ props }: Resource): Answer {
  return some(["A", "AAAA", "CNAME"].map((type) => equal(at(props, "type"), type)));
}

/** Names with an underscore are for proofs of ownership, which have to be answered as they are. */
function isForMachines({ props }: Resource): Answer {
  const name = at(props, "name");
  return name === unknown ? unknown : /(^|\.)_/.test(String(name));
}

/** Whether something in a zone is fetched from a server of ours: not where a Worker or a tunnel is all there is. */
function hasOrigins(resources: readonly Resource[], zone: Value): Answer {
  return some([
    ...ofKind(resources, edge.balancer).map((balancer) => isInZone(balancer, zone)),
    ...ofKind(resources, edge.record).map((record) =>
      every([isInZone(record, zone), equal(at(record.props, "proxied"), true), not(hasNoServer(record))]),
    ),
  ]);
}

/** A tunnel calls out from the server itself; 100:: and 192.0.2.0 are addresses that nobody has. */
function hasNoServer({ props }: Resource): Answer {
  const content = at(props, "content");
  if (content === unknown) return unknown;
  return /\.cfargotunnel\.com$|^100::$|^192\.0\.2\./.test(String(content));
}

function showsItself(resources: readonly Resource[], zone: Value): Answer {
  return some([
    ...ofKind(resources, edge.originPullsOfZone).map((pulls) =>
      every([isInZone(pulls, zone), equal(at(pulls.props, "enabled"), true)]),
    ),
    ...ofKind(resources, edge.originPulls).map((pulls) =>
      every([isInZone(pulls, zone), some(configs(pulls).map((each) => equal(at(each, "enabled"), true)))]),
    ),
    ...ofKind(resources, edge.setting).map((setting) =>
      every([
        isInZone(setting, zone),
        equal(at(setting.props, "settingId"), "tls_client_auth"),
        equal(at(setting.props, "value"), "on"),
      ]),
    ),
  ]);
}

/** An unknown list may hold what is looked for. */
function configs({ props }: Resource): Value[] {
  const given = at(props, "configs");
  return given === unknown ? [{ enabled: unknown }] : list(given);
}

export const closedSideDoors = definePolicy<object>({
  metadata: edgeMetadata.closedSideDoors,
  settings: {},
  resource: (resource) => [
    ...judge(resource, sideDoors),
    ...ofKind([resource], edge.bucketAccess).flatMap((access) =>
      list(at(access.props, "rules")).flatMap((rule, index): Finding[] => {
        const origins = list(at(rule, "allowed", "origins"));
        const methods = list(at(rule, "allowed", "methods"));
        const isOpen = origins.includes("*") && methods.some((method) => method !== unknown && !isRead(method));
        const reason = "are everybody's, for a method that writes";
        return isOpen ? [{ resource: access, path: `rules[${index}].allowed.origins`, reason }] : [];
      }),
    ),
  ],
});

const past = "so it is reached past the zone's firewall, limits and TLS";

const sideDoors: Demands = {
  [edge.bucketPublic]: [["enabled", isNotTrue, past]],
  [edge.worker]: [
    ["subdomain.enabled", isNotTrue, past],
    ["subdomain.previewsEnabled", isNotTrue, past],
  ],
  [edge.scriptSubdomain]: [
    ["enabled", isNotTrue, past],
    ["previewsEnabled", isNotTrue, past],
  ],
};

function isRead(method: Value): boolean {
  return method === "GET" || method === "HEAD";
}
