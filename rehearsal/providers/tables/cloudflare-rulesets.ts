import { creationTime } from "./aws-facts";
import { matches, oneOf } from "./checks";
import { identifier } from "./cloudflare-facts";
import { type Check, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

const ruleset = "cloudflare:index/ruleset:Ruleset";

const challenges = ["block", "challenge", "js_challenge", "log", "managed_challenge"];

/**
 * Actions of the phases that an edge uses: https://developers.cloudflare.com/ruleset-engine/rules-language/actions/ and
 * https://developers.cloudflare.com/ruleset-engine/reference/phases-list/. A phase that isn't here is refused: nobody has
 * looked up what it allows.
 */
const actionsOfPhases = new Map<unknown, string[]>([
  ["http_request_cache_settings", ["set_cache_settings"]],
  ["http_ratelimit", challenges],
  ["http_request_firewall_custom", [...challenges, "execute", "skip"]],
  ["http_request_firewall_managed", [...challenges, "execute", "skip"]],
  ["http_request_transform", ["rewrite"]],
  ["http_request_late_transform", ["rewrite"]],
  ["http_response_headers_transform", ["rewrite"]],
]);

/** Seconds: https://developers.cloudflare.com/waf/rate-limiting-rules/parameters/ */
const period = oneOf(10, 60, 120, 300, 600, 3600);
const mitigationTimeout = oneOf(0, 10, 60, 120, 300, 600, 3600, 86_400);
const characteristic = matches(
  /^(cf\.colo\.id|cf\.unique_visitor_id|cf\.bot_management\.ja[34](_hash)?|ip\.(src|geoip)(\.[\w.]+)?|http\..+|lookup_json_string\(.+\)|lower\(.+\))$/,
  "a characteristic that requests can be counted by",
);

function rateLimitProblem({ ratelimit, action }: Record<string, unknown>): string | undefined {
  if (!isObject(ratelimit)) return "must have a ratelimit in the phase http_ratelimit";
  const { characteristics, requestsPerPeriod, scorePerPeriod } = ratelimit;
  const names: unknown[] = Array.isArray(characteristics) ? characteristics : [];
  // Counters are kept in each data centre.
  if (!names.includes("cf.colo.id")) return "ratelimit.characteristics must include cf.colo.id";
  const unknown = names.map(characteristic).find((reason) => reason !== undefined);
  if (unknown !== undefined) return `ratelimit.characteristics ${unknown}`;
  const wrong = period(ratelimit.period);
  if (wrong !== undefined) return `ratelimit.period ${wrong}`;
  if ((requestsPerPeriod === undefined) === (scorePerPeriod === undefined)) {
    return "ratelimit must have either requestsPerPeriod or scorePerPeriod";
  }
  if (requestsPerPeriod !== undefined && !(Number(requestsPerPeriod) >= 1)) {
    return `ratelimit.requestsPerPeriod must be at least 1, not ${String(requestsPerPeriod)}`;
  }
  const timeout = ratelimit.mitigationTimeout;
  const unfit = timeout === undefined ? undefined : mitigationTimeout(timeout);
  if (unfit !== undefined) return `ratelimit.mitigationTimeout ${unfit}`;
  // A challenge throttles as long as it isn't passed, so it has no time of its own.
  const challenging = ["challenge", "js_challenge", "managed_challenge"].includes(String(action));
  return challenging && timeout !== undefined && timeout !== 0
    ? "ratelimit.mitigationTimeout must be 0 with a challenge"
    : undefined;
}

function blockProblem({ action, actionParameters }: Record<string, unknown>): string | undefined {
  const response = isObject(actionParameters) ? actionParameters.response : undefined;
  if (!isObject(response)) return undefined;
  if (action !== "block") return "actionParameters.response is for the action block alone";
  const status = Number(response.statusCode);
  return status >= 400 && status <= 499
    ? undefined
    : `actionParameters.response.statusCode must be from 400 to 499, not ${status}`;
}

const neededParameters: Record<string, (parameters: Record<string, unknown>) => boolean> = {
  execute: ({ id }) => id !== undefined,
  rewrite: ({ headers, uri }) => headers !== undefined || uri !== undefined,
  set_cache_settings: (parameters) => Object.keys(parameters).length > 0,
  skip: ({ phase, phases, products, rules, ruleset, rulesets }) =>
    [phase, phases, products, rules, ruleset, rulesets].some((value) => value !== undefined),
};

function ruleProblem(rule: Record<string, unknown>): string | undefined {
  if (String(rule.expression ?? "") === "") return "must have an expression";
  // https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/
  if (String(rule.expression).length > 4096) return "expression must be at most 4096 characters long";
  const parameters = isObject(rule.actionParameters) ? rule.actionParameters : {};
  const needs = neededParameters[String(rule.action)];
  if (needs && !needs(parameters)) return `actionParameters are missing for the action ${String(rule.action)}`;
  return blockProblem(rule);
}

const rules: Check = (value) => {
  if (!Array.isArray(value)) return "must be a list";
  const problems = value.map((rule: unknown, index) => {
    const problem = isObject(rule) ? ruleProblem(rule) : "must be an object";
    return problem === undefined ? undefined : `[${index}] ${problem}`;
  });
  const refs = value.flatMap((rule: unknown) => (isObject(rule) && rule.ref !== undefined ? [rule.ref] : []));
  const repeated = new Set(refs).size < refs.length ? "every rule must have a ref of its own" : undefined;
  return problems.find((problem) => problem !== undefined) ?? repeated;
};

/** What a rule must be in its ruleset's phase. */
function phaseProblem({ phase, rules }: Properties): string | undefined {
  const list: unknown[] = Array.isArray(rules) ? rules : [];
  const allowed = actionsOfPhases.get(phase) ?? [];
  for (const [index, rule] of list.entries()) {
    if (!isObject(rule)) continue;
    const action = String(rule.action);
    if (!allowed.includes(action)) return `[${index}]: the phase ${String(phase)} has no action ${action}`;
    const limit = phase === "http_ratelimit" ? rateLimitProblem(rule) : undefined;
    if (limit !== undefined) return `[${index}] ${limit}`;
    if (phase !== "http_ratelimit" && rule.ratelimit !== undefined) {
      return `[${index}] ratelimit is for the phase http_ratelimit alone`;
    }
  }
  return undefined;
}

function placeProblem({ zoneId, accountId, kind }: Properties): string | undefined {
  if ((zoneId === undefined) === (accountId === undefined)) return "either accountId or zoneId must be set, not both";
  return kind === "zone" && zoneId === undefined ? "must be set for a ruleset of the kind zone" : undefined;
}

function refuseRuleset({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const { kind, phase } = inputs;
  const isSame = ({ properties }: { properties: Properties }) => properties.phase === phase && properties.kind === kind;
  if (kind === "zone" && neighbours(ruleset).some(isSame)) {
    return `20217: 'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${String(phase)}`;
  }
  return undefined;
}

export const cloudflareRulesetTypes: Record<string, ResourceType> = {
  [ruleset]: {
    inputs: { ...replaces("accountId kind name phase zoneId"), ...updates("description rules") },
    required: ["kind", "name", "phase"],
    defaults: () => ({ description: "", rules: [] }),
    checks: {
      accountId: identifier,
      zoneId: identifier,
      kind: oneOf("custom", "managed", "root", "zone"),
      name: matches(/^./, "at least 1 character"),
      phase: oneOf(...[...actionsOfPhases.keys()].map(String)),
      rules,
    },
    combinations: [
      { reads: ["rules", "phase"], problem: phaseProblem },
      { reads: ["zoneId", "accountId", "kind"], problem: placeProblem },
    ],
    id: (_, hex) => hex(32),
    refuses: refuseRuleset,
    outputs: { lastUpdated: () => creationTime, version: () => "1" },
  },
};
