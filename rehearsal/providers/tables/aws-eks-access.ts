import { arn, creationTime, digest, missing, ownerId, regional, tagsAll } from "./aws-facts";
import { matches, oneOf } from "./checks";
import { type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const cluster = "aws:eks/cluster:Cluster";
const entry = "aws:eks/accessEntry:AccessEntry";

const ofCluster = ({ inputs }: Facts, neighbours: Neighbours): string | undefined =>
  missing(neighbours, cluster, inputs.clusterName, "ResourceNotFoundException");

const principalArn = matches(/^arn:[\w-]+:iam::\d{12}:(role|user)\//, "the ARN of a role or a user");

export const eksAccessTypes: Record<string, ResourceType> = {
  [entry]: {
    inputs: { ...replaces("clusterName principalArn region type"), ...updates("kubernetesGroups tags userName") },
    required: ["clusterName", "principalArn"],
    defaults: (settings) => ({ type: "STANDARD", ...regional(settings) }),
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html
    checks: {
      principalArn,
      type: oneOf("STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX"),
    },
    id: ({ inputs }) => `${String(inputs.clusterName)}:${String(inputs.principalArn)}`,
    refuses: ofCluster,
    taken: () => "ResourceInUseException: The specified access entry resource is already in use on this cluster.",
    outputs: {
      accessEntryArn: (facts) =>
        arn(
          "eks",
          facts,
          `access-entry/${String(facts.inputs.clusterName)}/role/${ownerId(facts)}/${digest(facts.id, 36)}`,
        ),
      createdAt: () => creationTime,
      kubernetesGroups: () => [],
      modifiedAt: () => creationTime,
      userName: ({ inputs }) => inputs.principalArn,
      tagsAll,
    },
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    inputs: replaces("accessScope clusterName policyArn principalArn region"),
    required: ["accessScope", "clusterName", "policyArn", "principalArn"],
    defaults: regional,
    // https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
    checks: {
      principalArn,
      policyArn: matches(/^arn:[\w-]+:eks::aws:cluster-access-policy\/\w+$/, "the ARN of an access policy of EKS"),
      "accessScope.type": oneOf("cluster", "namespace"),
    },
    id: ({ inputs }) => [inputs.clusterName, inputs.principalArn, inputs.policyArn].map(String).join("#"),
    refuses: (facts, neighbours) => {
      const { clusterName, principalArn: principal } = facts.inputs;
      return (
        ofCluster(facts, neighbours) ??
        missing(neighbours, entry, `${String(clusterName)}:${String(principal)}`, "ResourceNotFoundException")
      );
    },
    outputs: { associatedAt: () => creationTime, modifiedAt: () => creationTime },
  },
};
