import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import type { ContainerResources } from "../service/size";
import type * as pulumi from "@pulumi/pulumi";

/** How big a broker is. More brokers come before bigger ones; large is for when a partition alone needs it. */
export enum BrokerSize {
  /** 0.5 vCPU and 2 GiB, for development; on MSK express.m7g.large. */
  Small = "small",
  /** 2 vCPU and 8 GiB; on MSK express.m7g.xlarge. */
  Medium = "medium",
  /** 4 vCPU and 16 GiB; on MSK express.m7g.4xlarge. */
  Large = "large",
}

export interface Brokers {
  /** Default 3, one a zone, from 3 to 60; on MSK a multiple of 3. */
  replicas?: number;
  /** Default medium. */
  size?: BrokerSize;
  /** Volume of each, in GiB. Default 100, from 1 to 16,384. MSK's Express brokers have no volumes of their own. */
  gibibytes?: number;
  /** Default: the cluster's default StorageClass. */
  storageClassName?: pulumi.Input<string>;
  /** Copies of each partition. Default 3, from 2 to the number of brokers; on MSK always 3. */
  replicationFactor?: number;
  /** Copies that must have a message before its producer is told so. Default 2, fewer than all; on MSK always 2. */
  minInSyncReplicas?: number;
}

export interface BrokerSettings extends Required<Omit<Brokers, "storageClassName">> {
  storageClassName?: pulumi.Input<string>;
}

export function brokerSettings(brokers: Brokers): BrokerSettings {
  return {
    ...{ replicas: 3, size: BrokerSize.Medium, gibibytes: 100, replicationFactor: 3, minInSyncReplicas: 2 },
    ...brokers,
  };
}

export interface JvmResources extends ContainerResources {
  /** Of the JVM, in MiB; the rest of the memory caches what was written last. */
  heapMebibytes: number;
}

const sizes: Record<BrokerSize, JvmResources> = {
  [BrokerSize.Small]: { cpu: "500m", memory: "2Gi", heapMebibytes: 1024 },
  [BrokerSize.Medium]: { cpu: "2", memory: "8Gi", heapMebibytes: 3072 },
  [BrokerSize.Large]: { cpu: "4", memory: "16Gi", heapMebibytes: 6144 },
};

export const brokerResources = (size: BrokerSize): JvmResources => sizes[size];

export function brokerProblems(brokers: Brokers): ArgumentProblem[] {
  const { replicas, replicationFactor, minInSyncReplicas } = brokerSettings(brokers);
  const problems = [
    ...wholeNumberProblems("replicas", replicas, 3, 60),
    ...wholeNumberProblems("gibibytes", brokers.gibibytes, 1, 16_384),
    ...wholeNumberProblems("replicationFactor", replicationFactor, 2, 60),
    ...wholeNumberProblems("minInSyncReplicas", minInSyncReplicas, 1, 60),
  ];
  if (problems.length > 0) return problems;
  if (replicationFactor > replicas) {
    const reason = `is ${replicationFactor}, must be at most ${replicas}: a broker holds one copy of a partition`;
    problems.push({ path: "replicationFactor", reason });
  }
  if (minInSyncReplicas >= replicationFactor) {
    const reason =
      `is ${minInSyncReplicas}, must be less than replicationFactor, which is ${replicationFactor}: else the loss of one ` +
      "broker stops every producer";
    problems.push({ path: "minInSyncReplicas", reason });
  }
  return problems;
}
