import { edge, hasRuleset, isOn, rulesOf, servedZones } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, list, not, present, some, unknown, type Answer, type Value } from "./values";

const managed = "http_request_firewall_managed";
const custom = "http_request_firewall_custom";
const limits = "http_ratelimit";

/** The edge's own location: Cloudflare counts in each and wants it said. Alone, it makes one counter of all visitors. */
const location = "cf.colo.id";

export const edgeFirewall = definePolicy<object>({
  metadata: edgeMetadata.edgeFirewall,
  settings: {},
  resource: (resource) =>
    ofKind([resource], edge.ruleset).flatMap((ruleset) => [
      ...checkWorks(ruleset, managed, isManaged, "has no rule that executes managed rules and lets them act"),
      ...checkWorks(ruleset, limits, isLimit, "has no rule that stops who asks too often"),
      ...checkSkips(ruleset),
      ...checkCounters(ruleset),
    ]),
  stack: (resources) =>
    servedZones(resources).flatMap(({ zone, by }) =>
      [
        [managed, "has no managed rules, so known attacks reach the origins"] as const,
        [limits, "has no rate limit, so one caller can take what is there for all"] as const,
      ]
        .filter(([phase]) => hasRuleset(resources, phase, zone) === false)
        .map(([, reason]): Finding => ({ resource: by, path: "zoneId", reason })),
    ),
});

/** A ruleset that is there and does nothing. */
function checkWorks(resource: Resource, phase: string, works: (rule: Value) => Answer, reason: string): Finding[] {
  const isIdle = some(rulesOf(resource, phase).map(({ rule }) => works(rule))) === false;
  const isKnown = at(resource.props, "phase") === phase && at(resource.props, "rules") !== unknown;
  return isIdle && isKnown ? [{ resource, path: "rules", reason }] : [];
}

function isManaged(rule: Value): Answer {
  const overrides = at(rule, "actionParameters", "overrides");
  return every([
    isOn(at(rule, "enabled")),
    equal(at(rule, "action"), "execute"),
    isOn(at(overrides, "enabled")),
    not(equal(at(overrides, "action"), "log")),
  ]);
}

const stops = ["block", "challenge", "js_challenge", "managed_challenge"];

function isLimit(rule: Value): Answer {
  const thresholds = ["requestsPerPeriod", "scorePerPeriod"].map((field) => at(rule, "ratelimit", field));
  return every([
    isOn(at(rule, "enabled")),
    some(stops.map((action) => equal(at(rule, "action"), action))),
    some(thresholds.map(present)),
  ]);
}

/** A rule that skips what comes after it, for everybody. */
function checkSkips(resource: Resource): Finding[] {
  return [managed, custom, limits].flatMap((phase) =>
    rulesOf(resource, phase)
      .filter(({ rule }) => every([equal(at(rule, "action"), "skip"), isOn(at(rule, "enabled"))]) === true)
      .filter(({ rule }) => /^\(*true\)*$/.test(String(at(rule, "expression"))))
      .map(({ path }): Finding => ({
        resource,
        path: `${path}.expression`,
        reason: "is true, so everybody skips what protects from some",
      })),
  );
}

function checkCounters(resource: Resource): Finding[] {
  return rulesOf(resource, limits).flatMap(({ rule, path: rulePath }): Finding[] => {
    const characteristics = at(rule, "ratelimit", "characteristics");
    const given = list(characteristics);
    if (!Array.isArray(characteristics) || given.includes(unknown)) return [];
    const path = `${rulePath}.ratelimit.characteristics`;
    const counts = given.some((each) => each !== location);
    return [
      ...(given.includes(location) ? [] : [{ resource, path, reason: `lack ${location}, which Cloudflare asks for` }]),
      ...(counts ? [] : [{ resource, path, reason: "name no caller, so all are counted as one" }]),
    ];
  });
}
