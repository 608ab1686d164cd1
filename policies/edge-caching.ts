import { edge, isInZone, isOn, mentionsWhy, type Rule, rulesOf, workerZones } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, list, matchesPattern, numberOf, some, unknown, type Answer, type Value } from "./values";

interface CachingConfig {
  credentials: string[];
  maxErrorSeconds: number;
  tenantHeaders: string[];
}

const phase = "http_request_cache_settings";

export const safeEdgeCaching = definePolicy<CachingConfig>({
  metadata: edgeMetadata.safeEdgeCaching,
  settings: {
    credentials: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["authorization"],
      description: "Headers by which requests say who asks.",
    },
    maxErrorSeconds: {
      type: "integer",
      minimum: 0,
      default: 60,
      description: "The most seconds for which a server's error is kept.",
    },
    tenantHeaders: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["*tenant*"],
      description:
        "Headers by which a Worker tells tenants apart, one of which the cache's key must have; * stands for anything. None where there are no tenants.",
    },
  },
  resource: (resource, config) =>
    cachingRules(resource).flatMap(({ rule, path }) => [
      ...checkPrivacy(resource, { rule, path }, config.credentials),
      ...checkTimes(resource, { rule, path }, config.maxErrorSeconds),
      ...checkHost(resource, { rule, path }),
    ]),
  stack: (resources, { tenantHeaders }) =>
    tenantHeaders.length === 0
      ? []
      : ofKind(resources, edge.ruleset)
          .filter((ruleset) => some(workerZones(resources).map(({ zone }) => isInZone(ruleset, zone))) === true)
          .flatMap((ruleset) =>
            cachingRules(ruleset)
              .filter(({ rule }) => mentionsWhy(at(rule, "description"), "shared") === false)
              .filter(({ rule }) => hasKey(rule, tenantHeaders) === false)
              .map(({ path }): Finding => ({
                resource: ruleset,
                path: `${path}.${keyed}`,
                reason: "has no header that tells tenants apart, so one is answered with what is another's",
              })),
          ),
});

const keyed = "actionParameters.cacheKey.customKey.header.includes";

/** Rules that make requests cached. */
function cachingRules(resource: Resource): Rule[] {
  return rulesOf(resource, phase).filter(
    ({ rule }) => every([isOn(at(rule, "enabled")), equal(at(rule, "actionParameters", "cache"), true)]) === true,
  );
}

/** Header names in the key; an unknown one may be any. */
function hasKey(rule: Value, headers: readonly string[]): Answer {
  const includes = at(rule, ...keyed.split("."));
  return includes === unknown
    ? unknown
    : some(
        list(includes).map((given) =>
          given === unknown ? unknown : headers.some((header) => matchesPattern(header.toLowerCase(), lower(given))),
        ),
      );
}

function lower(text: Value): string {
  return String(text).toLowerCase();
}

/**
 * A time of its own is kept whatever the origin says, private answers and those with a cookie included:
 * https://developers.cloudflare.com/cache/concepts/cache-behavior/
 */
function checkPrivacy(resource: Resource, { rule, path }: Rule, credentials: readonly string[]): Finding[] {
  if (at(rule, "actionParameters", "edgeTtl", "mode") !== "override_origin") return [];
  const reason = (header: string): string =>
    `is override_origin, which keeps private answers too, and no expression leaves out requests with ${header}`;
  return credentials
    .filter((header) => isGuarded(resource, rule, header) === false)
    .map((header) => ({ resource, path: `${path}.actionParameters.edgeTtl.mode`, reason: reason(header) }));
}

/** Whether a credential is asked about by the rule, is in its key, or is kept out by a later rule: the last one wins. */
function isGuarded(resource: Resource, rule: Value, header: string): Answer {
  const rules = rulesOf(resource, phase).map((each) => each.rule);
  const asks = (each: Value): Answer => {
    const expression = at(each, "expression");
    return expression === unknown ? unknown : lower(expression).includes(header.toLowerCase());
  };
  const later = rules.slice(rules.indexOf(rule) + 1);
  return some([
    asks(rule),
    hasKey(rule, [header]),
    ...later.map((each) =>
      every([equal(at(each, "actionParameters", "cache"), false), isOn(at(each, "enabled")), asks(each)]),
    ),
  ]);
}

/** Seconds that a time to live overrides the origin's with. */
function overridden(ttl: Value): Value {
  return at(ttl, "mode") === "override_origin" ? numberOf(at(ttl, "default")) : undefined;
}

function checkTimes(resource: Resource, { rule, path }: Rule, maxErrorSeconds: number): Finding[] {
  const [inBrowser, atEdge] = ["browserTtl", "edgeTtl"].map((ttl) => overridden(at(rule, "actionParameters", ttl)));
  const isLonger = typeof inBrowser === "number" && typeof atEdge === "number" && inBrowser > atEdge;
  const reason = `is ${String(inBrowser)}, longer than the edge's ${String(atEdge)}: no purge reaches a browser`;
  const byStatus = list(at(rule, "actionParameters", "edgeTtl", "statusCodeTtls"));
  return [
    ...(isLonger ? [{ resource, path: `${path}.actionParameters.browserTtl.default`, reason }] : []),
    ...byStatus.flatMap((ttl, index): Finding[] => {
      const seconds = numberOf(at(ttl, "value"));
      const isLong = typeof seconds === "number" && seconds > maxErrorSeconds && isForErrors(ttl);
      const place = `${path}.actionParameters.edgeTtl.statusCodeTtls[${index}].value`;
      const why = `is ${String(seconds)} for a server's errors, must be at most ${maxErrorSeconds}: they outlast their cause`;
      return isLong ? [{ resource, path: place, reason: why }] : [];
    }),
  ];
}

/** A range without an end goes on to the highest. */
function isForErrors(ttl: Value): boolean {
  const range = at(ttl, "statusCodeRange");
  const highest = at(ttl, "statusCode") ?? at(range, "to") ?? (at(range, "from") === undefined ? undefined : 599);
  const number = numberOf(highest);
  return typeof number === "number" && number >= 500;
}

function checkHost(resource: Resource, { rule, path }: Rule): Finding[] {
  const place = "actionParameters.cacheKey.customKey.host.resolved";
  const reason = "is true, so hosts with one origin are answered with what is another's";
  return at(rule, ...place.split(".")) === true ? [{ resource, path: `${path}.${place}`, reason }] : [];
}
