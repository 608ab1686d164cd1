import { amazon, isForEverybody, oneOrMore, statementsIn } from "./aws";
import { awsMetadata } from "./aws-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, matchesPattern, type Value } from "./values";

interface RolesConfig {
  forbiddenPolicies: string[];
}

export const boundedRoles = definePolicy<RolesConfig>({
  metadata: awsMetadata.boundedRoles,
  settings: {
    forbiddenPolicies: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["*/AdministratorAccess", "*/PowerUserAccess", "*/IAMFullAccess"],
      description: "ARNs of policies that no role may have; * stands for anything.",
    },
  },
  resource: (resource, { forbiddenPolicies }) => [
    ...ofKind([resource], amazon.policy, amazon.rolePolicy).flatMap(checkStatements),
    ...ofKind([resource], amazon.role).flatMap(checkTrust),
    ...checkAttached(resource, forbiddenPolicies),
  ],
});

function checkStatements(resource: Resource): Finding[] {
  const path = "policy";
  return statementsIn(resource, path).flatMap((statement): Finding[] => {
    if (at(statement, "Effect") !== "Allow" || !oneOrMore(at(statement, "Resource")).includes("*")) return [];
    const all = oneOrMore(at(statement, "Action")).find(isAll);
    const isInverted = at(statement, "NotAction") !== undefined;
    if (all === undefined && !isInverted) return [];
    return [{ resource, path, reason: `allows ${isInverted ? "all but a few actions" : String(all)} on everything` }];
  });
}

/** Everything, or everything of one service. */
const isAll = (action: Value): boolean => typeof action === "string" && /^(\*|[\w-]+:\*)$/.test(action);

function checkTrust(resource: Resource): Finding[] {
  const path = "assumeRolePolicy";
  return statementsIn(resource, path).some(isForEverybody) ? [{ resource, path, reason: "trusts everybody" }] : [];
}

interface Attached {
  path: string;
  arn: Value;
}

function checkAttached(resource: Resource, forbidden: string[]): Finding[] {
  const isForbidden = (arn: Value): boolean =>
    typeof arn === "string" && forbidden.some((pattern) => matchesPattern(pattern, arn));
  const given = [
    ...ofKind([resource], amazon.attachment).map(({ props }): Attached => ({
      path: "policyArn",
      arn: at(props, "policyArn"),
    })),
    ...ofKind([resource], amazon.role).flatMap(({ props }) =>
      oneOrMore(at(props, "managedPolicyArns")).map((arn, index): Attached => ({
        path: `managedPolicyArns[${index}]`,
        arn,
      })),
    ),
  ];
  return given
    .filter(({ arn }) => isForbidden(arn))
    .map(({ path, arn }) => ({ resource, path, reason: `is ${String(arn)}, with which a role owns the account` }));
}
