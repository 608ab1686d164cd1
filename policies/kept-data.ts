import { type Demand, type Demands, isNotTrue, isSet, isTrue, judge } from "./demands";
import { amazon } from "./aws";
import { edge } from "./edge";
import { isDeadLetter, isRetry } from "./dead-letters";
import { topicsOf } from "./kafka";
import { kindOf, objectName, ofKind, saysWhy } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, isInStacks, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, every, some, unknown, type Answer } from "./values";

interface KeptConfig {
  stacks: string[];
}

export const keptData = definePolicy<KeptConfig>({
  metadata: dataMetadata.keptData,
  settings: {
    stacks: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["prod*"],
      description: "Stacks whose data must be kept; * stands for anything.",
    },
  },
  stack: (resources, { stacks }) =>
    resources
      .filter((resource) => isInStacks(resource, stacks))
      .filter((resource) => mayGo(resource, resources) === false)
      .flatMap((resource) => [...judge(resource, demands), ...checkProtection(resource)]),
});

const lost = "so deleting it, or what it belongs to, deletes the data";

const forced: Demand = ["force", isNotTrue, "so deleting it deletes what its Durable Objects hold"];
const deletions = ["migrations.deletedClasses", "migrations.steps[].deletedClasses"].map((path): Demand => [
  path,
  (value) => !isSet(value),
  "so deploying it deletes what these Durable Objects hold",
]);

const demands: Demands = {
  [stores.kafkaPool]: [
    ["spec.storage.type", (value) => value !== "ephemeral", "so each restart deletes the data"],
    ["spec.storage.volumes[].type", (value) => value !== "ephemeral", "so each restart deletes the data"],
    ["spec.storage.deleteClaim", isNotTrue, lost],
    ["spec.storage.volumes[].deleteClaim", isNotTrue, lost],
  ],
  [stores.vitess]: [["spec.keyspaces[].turndownPolicy", (value) => value !== "Immediate", lost]],
  [stores.rds]: [
    ["deletionProtection", isTrue, "so whoever may change it may delete it"],
    ["skipFinalSnapshot", isNotTrue, lost],
    ["deleteAutomatedBackups", (value) => value === false, "so its backups go with it"],
  ],
  [stores.rdsGlobal]: [["deletionProtection", isTrue, "so whoever may change it may delete it"]],
  [stores.bucket]: [["forceDestroy", isNotTrue, lost]],
  [stores.storageClass]: [["reclaimPolicy", (value) => value === "Retain", lost]],
  [edge.worker]: [forced],
  [edge.version]: deletions,
  [edge.script]: [forced, ...deletions],
};

/** Kinds that take the data with them when they go; caches can be filled again. */
const holders: string[] = [
  stores.kafka,
  stores.kafkaPool,
  stores.vitess,
  stores.msk,
  stores.rds,
  stores.rdsGlobal,
  stores.bucket,
  amazon.vault,
  edge.bucket,
  edge.keyValues,
  edge.database,
];

function checkProtection(resource: Resource): Finding[] {
  // What waits in them belongs to a consumer, and goes with it.
  const kept = topicsOf([resource]).filter((topic) => some([isRetry(topic), isDeadLetter(topic)]) === false);
  const holds = holders.includes(kindOf(resource)) || kept.length > 0;
  const reason = "is off, so an update that leaves it out deletes the data";
  return holds && resource.isProtected === false ? [{ resource, path: "options.protect", reason }] : [];
}

/** Whether somebody says why it needn't be kept: on itself, on its namespace, or on a topic's cluster in MSK. */
function mayGo(resource: Resource, resources: readonly Resource[]): Answer {
  const { props } = resource;
  const topics = ofKind([resource], stores.mskTopic);
  return some([
    says(resource),
    ...ofKind(resources, "core:Namespace").map((namespace) =>
      every([equal(objectName(namespace), at(props, "metadata", "namespace")), says(namespace)]),
    ),
    ...topics.flatMap(() =>
      ofKind(resources, stores.msk).map((cluster) =>
        every([equal(at(cluster.props, "arn") ?? unknown, at(props, "clusterArn")), says(cluster)]),
      ),
    ),
  ]);
}

function says({ props }: Resource): Answer {
  return some([saysWhy(at(props, "metadata", "annotations"), "deletable"), saysWhy(at(props, "tags"), "deletable")]);
}
