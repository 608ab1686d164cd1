import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../../mesh/istio";
import { type ContainerTemplate, type PodTemplate, strimziApiVersion } from "./resources";

interface MirroredCluster {
  alias: string;
  bootstrapServers: pulumi.Input<string>;
  tls: { trustedCertificates: { secretName: pulumi.Input<string>; certificate: string }[] };
  authentication: {
    type: "scram-sha-512";
    username: string;
    passwordSecret: { secretName: pulumi.Input<string>; password: string };
  };
}

interface Connector {
  tasksMax: number;
  autoRestart: { enabled: boolean };
  config: Record<string, string | number | boolean>;
}

export interface KafkaMirrorMaker2Args {
  metadata: Metadata;
  spec: {
    version: string;
    replicas: number;
    target: MirroredCluster & {
      groupId: string;
      configStorageTopic: string;
      offsetStorageTopic: string;
      statusStorageTopic: string;
      config: Record<string, string | number>;
    };
    mirrors: {
      source: MirroredCluster;
      sourceConnector: Connector;
      checkpointConnector: Connector;
      topicsPattern: string;
      groupsPattern: string;
    }[];
    resources: kubernetes.types.input.core.v1.ResourceRequirements;
    jvmOptions: { "-Xms": string; "-Xmx": string };
    metricsConfig: { type: "strimziMetricsReporter" };
    template: {
      pod: PodTemplate;
      connectContainer: ContainerTemplate;
      podDisruptionBudget: { maxUnavailable: number };
    };
  };
}

export class KafkaMirrorMaker2 extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KafkaMirrorMaker2Args, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: strimziApiVersion, kind: "KafkaMirrorMaker2", ...args }, options);
  }
}
