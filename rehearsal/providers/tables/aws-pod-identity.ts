import { arn, digest, missing, regional, tagsAll } from "./aws-facts";
import { jsonObject, matches } from "./checks";
import { replaces, type ResourceType, updates } from "./table";

const role = "aws:iam/role:Role";

export const podIdentityTypes: Record<string, ResourceType> = {
  "aws:iam/rolePolicy:RolePolicy": {
    inputs: { ...replaces("name role"), ...updates("policy") },
    required: ["policy", "role"],
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    checks: { name: matches(/^[\w+=,.@-]{1,128}$/, "1 to 128 letters, digits and _+=,.@-"), policy: jsonObject },
    id: ({ inputs }) => `${String(inputs.role)}:${String(inputs.name)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, role, inputs.role, "NoSuchEntity"),
    outputs: {},
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    inputs: {
      ...replaces("clusterName namespace serviceAccount region"),
      ...updates("disableSessionTags policy roleArn tags targetRoleArn"),
    },
    required: ["clusterName", "namespace", "serviceAccount", "roleArn"],
    defaults: regional,
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
    checks: { roleArn: matches(/^arn:[\w-]+:iam::\d{12}:role\//, "a role's ARN") },
    id: (_, hex) => `a-${hex(17)}`,
    refuses: ({ inputs }, neighbours) =>
      missing(neighbours, "aws:eks/cluster:Cluster", inputs.clusterName, "ResourceNotFoundException") ??
      (neighbours("aws:eks/podIdentityAssociation:PodIdentityAssociation").some(({ properties }) =>
        ["clusterName", "namespace", "serviceAccount"].every((key) => properties[key] === inputs[key]),
      )
        ? "ResourceInUseException: Association already exists for this service account"
        : undefined),
    outputs: {
      associationArn: (facts) =>
        arn("eks", facts, `podidentityassociation/${String(facts.inputs.clusterName)}/${facts.id}`),
      associationId: ({ id }) => id,
      externalId: ({ id }) => digest(id, 32),
      tagsAll,
    },
  },
};
