import { type Demand, type Demands, isAtLeast, isNotTrue, isTrue, judge } from "./demands";
import { edge, isInZone, servedZones } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { kindOf, ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, isMissing, some, type Answer, type Value } from "./values";

interface EncryptionConfig {
  minHstsDays: number;
}

export const edgeEncryption = definePolicy<EncryptionConfig>({
  metadata: edgeMetadata.edgeEncryption,
  settings: {
    minHstsDays: {
      type: "integer",
      minimum: 1,
      default: 180,
      description: "The least days for which browsers remember to use HTTPS alone.",
    },
  },
  resource: (resource, { minHstsDays }) => [
    ...judge(resource, demands),
    ...ofKind([resource], edge.setting, edge.hostSetting).flatMap(checkValue),
    ...ofKind([resource], edge.setting).flatMap((setting) => checkHsts(setting, minHstsDays)),
  ],
  stack: (resources) =>
    servedZones(resources).flatMap(({ zone, by }) =>
      Object.entries(required)
        .filter(([id]) => isSetIn(resources, zone, id) === false)
        .map(([id, why]): Finding => ({ resource: by, path: "zoneId", reason: `has no setting ${id}, ${why}` })),
    ),
});

const old = "so it speaks TLS of a version that is broken";
const plain = "so what is asked for over HTTP is answered over HTTP";
const led = "so browsers may be led to HTTP";
const isRecent = isAtLeast(1.2);

const demands: Demands = {
  // Each has a minimum of its own, which is 1.0 where it isn't set.
  [edge.bucketDomain]: [["minTls", isRecent, old]],
  [edge.customHost]: [["ssl.settings.minTlsVersion", isRecent, old]],
  [edge.monitor]: [["allowInsecure", isNotTrue, "so anybody on the way can answer in a region's place"]],
};

/** Settings whose defaults aren't good enough. */
const required: Record<string, string> = {
  min_tls_version: old,
  ssl: "so it may call its origins in plain text, or whoever answers in their place",
  always_use_https: plain,
  security_header: led,
};

const values: Record<string, Demand> = {
  min_tls_version: ["value", isRecent, old],
  ssl: [
    "value",
    (value) => value === "strict" || value === "origin_pull",
    "so whoever answers in an origin's place is believed",
  ],
  always_use_https: ["value", (value) => value === "on", plain],
  tls_1_3: ["value", (value) => value !== "off", "so the fastest and safest version is left out"],
  "0rtt": ["value", (value) => value !== "on", "so a request that somebody recorded can be sent again"],
};

function isSetIn(resources: readonly Resource[], zone: Value, id: string): Answer {
  return some(
    ofKind(resources, edge.setting).map((setting) =>
      every([equal(at(setting.props, "settingId"), id), isInZone(setting, zone)]),
    ),
  );
}

function checkValue(resource: Resource): Finding[] {
  const id = at(resource.props, "settingId");
  const demand = typeof id === "string" ? values[id] : undefined;
  return demand === undefined ? [] : judge(resource, { [kindOf(resource)]: [demand] });
}

const daySeconds = 86_400;

/** The provider takes its fields as the API has them, and its examples write them in Pulumi's way. */
function checkHsts(resource: Resource, minDays: number): Finding[] {
  if (at(resource.props, "settingId") !== "security_header") return [];
  const isApi = !isMissing(at(resource.props, "value", "strict_transport_security"));
  const path = `value.${isApi ? "strict_transport_security" : "strictTransportSecurity"}`;
  const minSeconds = minDays * daySeconds;
  return judge(resource, {
    [edge.setting]: [
      [`${path}.enabled`, isTrue, led],
      [`${path}.${isApi ? "max_age" : "maxAge"}`, isAtLeast(minSeconds), `must be at least ${minSeconds} seconds`],
    ],
  });
}
