import { type Demands, isNotTrue, isSet, judge } from "./demands";
import { accessRulesOf } from "./kafka";
import { ofKind } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, isMissing, list, parsedJson, unknown, type Value } from "./values";

const anything = "so every client may do everything";
const fromOutside = "so it is reached from outside its network";

const demands: Demands = {
  [stores.kafka]: [
    ["spec.kafka.authorization", isSet, anything],
    ["spec.kafka.authorization.superUsers", (value) => !isSet(value), "and no rule holds for those"],
    ['spec.kafka.config["allow.everyone.if.no.acl.found"]', isNotTrue, "so a topic without a rule is everybody's"],
  ],
  [stores.msk]: [
    [
      "brokerNodeGroupInfo.connectivityInfo.publicAccess.type",
      (value) => value === undefined || value === "DISABLED",
      fromOutside,
    ],
  ],
  [stores.rdsInstance]: [["publiclyAccessible", isNotTrue, fromOutside]],
};

/** What a service needs of the cluster itself: to write each record once, and to look. */
const harmless: Value[] = ["IdempotentWrite", "Describe", "DescribeConfigs"];

export const leastPrivilege = definePolicy<object>({
  metadata: dataMetadata.leastPrivilege,
  settings: {},
  resource: (resource) => [
    ...judge(resource, demands),
    ...ofKind([resource], stores.kafkaUser).flatMap(checkUser),
    ...ofKind([resource], ...iamPolicies).flatMap(checkStatements),
  ],
});

function checkUser(user: Resource): Finding[] {
  return accessRulesOf(user).flatMap(({ path, acl, isAllowed }): Finding[] => {
    if (isAllowed !== true) return [];
    const name = at(acl, "resource", "name");
    const type = at(acl, "resource", "type");
    const isPrefix = at(acl, "resource", "patternType") === "prefix";
    const isWide =
      type !== "cluster" && type !== unknown && (name === "*" || (isPrefix && (isMissing(name) || name === "")));
    const reason = `is ${String(name ?? "nothing")}, which is every ${String(type)} there is`;
    return [
      ...(isWide ? [{ resource: user, path: `${path}.resource.name`, reason }] : []),
      ...list(at(acl, "operations")).flatMap((operation, index): Finding[] => {
        const excessive =
          type === "cluster" ? typeof operation === "string" && !harmless.includes(operation) : operation === "All";
        const reason = `is ${String(operation)}, which no client needs of ${type === "cluster" ? "the cluster" : `a ${String(type)}`}`;
        return excessive ? [{ resource: user, path: `${path}.operations[${index}]`, reason }] : [];
      }),
    ];
  });
}

/** Of those who log in by IAM. */
const iamPolicies = ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"];

function checkStatements(resource: Resource): Finding[] {
  const path = "policy";
  const statements = oneOrMore(at(parsedJson(at(resource.props, path)), "Statement"));
  return statements.flatMap((statement): Finding[] => {
    const isOfStore = (action: Value): boolean =>
      typeof action === "string" && /^(kafka-cluster|rds-db|elasticache):/.test(action);
    const actions = oneOrMore(at(statement, "Action")).filter(isOfStore);
    if (at(statement, "Effect") !== "Allow" || actions.length === 0) return [];
    const all = actions.find((action) => String(action).endsWith(":*"));
    const isEverywhere = oneOrMore(at(statement, "Resource")).includes("*");
    return [
      ...(all === undefined ? [] : [{ resource, path, reason: `allows ${String(all)}, which no client needs` }]),
      ...(isEverywhere ? [{ resource, path, reason: `allows ${actions.join(", ")} on everything there is` }] : []),
    ];
  });
}

function oneOrMore(value: Value): Value[] {
  return Array.isArray(value) ? value : [value];
}
