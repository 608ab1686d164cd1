import { actionOf, type MeshConfig, meshSettings } from "./istio";
import { namespaceOf, ofKind, selects } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, empty, equal, every, list, present, some, unknown, type Answer, type Value } from "./values";

type TokenConfig = Pick<MeshConfig, "rootNamespace">;

/** A RequestAuthentication refuses bad tokens, and lets in who brings none: another policy has to ask for one. */
export const requiredToken = definePolicy<TokenConfig>({
  metadata: metadata.requiredToken,
  settings: { rootNamespace: meshSettings.rootNamespace },
  stack: (resources, config) =>
    ofKind(resources, "security.istio.io:RequestAuthentication")
      .filter((authentication) => empty(at(authentication.props, "spec", "jwtRules")) === false)
      .flatMap((authentication) => checkAuthentication(authentication, resources, config)),
});

interface Candidate {
  policy: Resource;
  action: Value;
  /** Whether it is for the pods whose tokens are checked. */
  reaches: Answer;
}

function checkAuthentication(
  authentication: Resource,
  resources: readonly Resource[],
  { rootNamespace }: TokenConfig,
): Finding[] {
  const policies = ofKind(resources, "security.istio.io:AuthorizationPolicy").map((policy): Candidate => ({
    policy,
    action: actionOf(policy),
    reaches: every([
      some([equal(namespaceOf(policy), namespaceOf(authentication)), equal(namespaceOf(policy), rootNamespace)]),
      reachesTargets(policy, authentication),
    ]),
  }));
  const asks = (asking: readonly Candidate[]): Answer =>
    some(asking.map(({ policy, reaches }) => every([reaches, asksForToken(policy)])));
  if (asks(policies) === false) {
    const reason = "lets in every request without a token: no AuthorizationPolicy for the same pods asks for one";
    return [{ resource: authentication, path: "spec.jwtRules", reason }];
  }
  // What is denied stays so. Where tokens are a reason to allow, any other reason lets in who has none.
  if (asks(policies.filter(({ action }) => action !== "ALLOW")) !== false) return [];
  return policies
    .filter(({ action, reaches }) => action === "ALLOW" && reaches === true)
    .flatMap(({ policy }) =>
      list(at(policy.props, "spec", "rules")).flatMap((rule, index): Finding[] => {
        const reason = "lets in every request without a token, beside the rule that asks for one: it names no paths";
        return isAnonymous(rule) === true ? [{ resource: policy, path: `spec.rules[${index}]`, reason }] : [];
      }),
    );
}

/** A rule that asks neither for a caller nor for a condition, on some host with all of its paths. */
function isAnonymous(rule: Value): Answer {
  const operations = list(at(rule, "to")).map((each) => at(each, "operation", "paths"));
  return every([empty(at(rule, "from")), empty(at(rule, "when")), some(operations.map(empty))]);
}

function asksForToken(policy: Resource): Answer {
  const action = actionOf(policy);
  const rules = at(policy.props, "spec", "rules");
  // What another authorizer asks for isn't written here.
  if (action === unknown || action === "CUSTOM" || rules === unknown) return unknown;
  const isAllow = action === "ALLOW";
  if (!isAllow && action !== "DENY") return false;
  const sources = list(rules).flatMap((rule) => list(at(rule, "from")).map((each) => at(each, "source")));
  const conditions = list(rules).flatMap((rule) => list(at(rule, "when")));
  return some([
    ...list(rules).flatMap((rule) =>
      [at(rule, "from"), at(rule, "when")].map((part): Answer => (part === unknown ? unknown : false)),
    ),
    ...sources.map((source) => present(at(source, isAllow ? "requestPrincipals" : "notRequestPrincipals"))),
    ...conditions.map((condition) => {
      const key = at(condition, "key");
      const isOfToken = key === unknown ? unknown : typeof key === "string" && key.startsWith("request.auth.");
      return every([isOfToken, present(at(condition, isAllow ? "values" : "notValues"))]);
    }),
  ]);
}

/** Whether it is for all the pods, or all the gateways, that the other one is for. */
function reachesTargets(policy: Resource, other: Resource): Answer {
  const labels = at(other.props, "spec", "selector", "matchLabels");
  const references = targetsOf(policy);
  const wanted = targetsOf(other);
  if (references === unknown || wanted === unknown) return unknown;
  const named = list(wanted).map((target) =>
    some(
      list(references).map((each) => every(["kind", "name"].map((field) => equal(at(each, field), at(target, field))))),
    ),
  );
  return every([
    selects(at(policy.props, "spec", "selector"), labels),
    list(references).length === 0 || every([named.length > 0, ...named]),
  ]);
}

function targetsOf({ props }: Resource): Value {
  const one = at(props, "spec", "targetRef");
  const several = at(props, "spec", "targetRefs");
  return one === unknown || several === unknown ? unknown : [...(empty(one) === true ? [] : [one]), ...list(several)];
}
