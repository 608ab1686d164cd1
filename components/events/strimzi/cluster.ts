import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Bulkhead, priorityClassName } from "../../mesh/bulkheads";
import { inNamespace } from "../../service/network-policy";
import { resourceRequirements } from "../../service/size";
import { brokerResources, type BrokerSettings, type JvmResources } from "../brokers";
import { eventPorts, type RegionalAccess } from "../engines/engine";
import { type RemoteStorage, remoteStorageEnvironment, tieredStorage } from "./remote-storage";
import type { ContainerTemplate, KafkaNodePoolArgs, KafkaSpec, Listener, PodTemplate } from "./resources";

/** Of the Kafka object; part of the names of all that Strimzi makes for it. */
export const clusterName = "omega";
export const clusterLabel = { "strimzi.io/cluster": clusterName };
/** ServiceAccount of brokers and controllers. */
export const brokerAccount = `${clusterName}-kafka`;
/** Pods of brokers, not of controllers. */
export const brokerLabels = { ...clusterLabel, "strimzi.io/broker-role": "true" };
export const secretPrefix = "kafka-";
/** Its conditions tell when Strimzi has done what an object says, or why it can't. */
export const whenReady = { "pulumi.com/waitFor": "condition=Ready" };
export const kafkaVersion = "4.3.1";

export const restrictedContainer: ContainerTemplate = {
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};

/** Pods of a StrimziPodSet, evenly over zones and, where they can be, over nodes. */
export function podTemplate(matchLabels: Record<string, string>): PodTemplate {
  const spread = (topologyKey: string, whenUnsatisfiable: string): types.input.core.v1.TopologySpreadConstraint => ({
    ...{ topologyKey, whenUnsatisfiable, maxSkew: 1, labelSelector: { matchLabels } },
    // Without Honor a zone that is cordoned still counts as empty.
    nodeTaintsPolicy: "Honor",
  });
  return {
    priorityClassName: priorityClassName(Bulkhead.Critical),
    // A broker hands its partitions over and closes its files; one that is killed reads them all at its next start.
    terminationGracePeriodSeconds: 120,
    topologySpreadConstraints: [
      spread("topology.kubernetes.io/zone", "DoNotSchedule"),
      spread("kubernetes.io/hostname", "ScheduleAnyway"),
    ],
  };
}

interface NodePool {
  role: "broker" | "controller";
  replicas: number;
  resources: JvmResources;
  gibibytes: number;
  storageClassName?: pulumi.Input<string>;
  /** Beside what Strimzi sets. Default none. */
  environment?: types.input.core.v1.EnvVar[];
}

export function nodePoolSpec(pool: NodePool): KafkaNodePoolArgs["spec"] {
  const { role, replicas, resources, gibibytes, storageClassName, environment = [] } = pool;
  return {
    replicas,
    roles: [role],
    storage: {
      type: "jbod",
      volumes: [
        {
          id: 0,
          type: "persistent-claim",
          size: `${gibibytes}Gi`,
          ...(storageClassName === undefined ? {} : { class: storageClassName }),
          deleteClaim: false,
          kraftMetadata: "shared",
        },
      ],
    },
    resources: resourceRequirements(resources),
    jvmOptions: heap(resources.heapMebibytes),
    template: {
      pod: podTemplate({ ...clusterLabel, "strimzi.io/pool-name": role }),
      kafkaContainer: { ...restrictedContainer, ...(environment.length > 0 ? { env: environment } : {}) },
      initContainer: restrictedContainer,
    },
  };
}

export const heap = (mebibytes: number) => ({ "-Xms": `${mebibytes}m`, "-Xmx": `${mebibytes}m` });

interface ClusterSpecArgs {
  brokers: BrokerSettings;
  version: string;
  /** Namespace of the services, where their users and passwords are. */
  clientsNamespace: pulumi.Input<string>;
  peers: types.input.networking.v1.NetworkPolicyPeer[];
  certificateSecretName: pulumi.Input<string>;
  regions?: RegionalAccess;
  remoteStorage?: RemoteStorage;
  /** Name of the KafkaRebalance after whose example partitions move. */
  rebalanceTemplate: string;
}

export function kafkaSpec(args: ClusterSpecArgs): KafkaSpec {
  const { remoteStorage } = args;
  const { replicationFactor, minInSyncReplicas } = args.brokers;
  const small = (memory: string) => resourceRequirements({ cpu: "100m", memory });
  const rebalance = (mode: "add-brokers" | "remove-brokers") => ({ mode, template: { name: args.rebalanceTemplate } });
  return {
    kafka: {
      version: args.version,
      ...(remoteStorage === undefined
        ? {}
        : { image: remoteStorage.image, tieredStorage: tieredStorage(remoteStorage) }),
      listeners: [clientListener(args), ...(args.regions === undefined ? [] : [regionListener(args, args.regions)])],
      // No super users: what no ACL allows is refused.
      authorization: { type: "simple" },
      rack: { topologyKey: "topology.kubernetes.io/zone" },
      config: {
        "auto.create.topics.enable": false,
        "unclean.leader.election.enable": false,
        "default.replication.factor": replicationFactor,
        "min.insync.replicas": minInSyncReplicas,
        "offsets.topic.replication.factor": replicationFactor,
        "transaction.state.log.replication.factor": replicationFactor,
        "transaction.state.log.min.isr": minInSyncReplicas,
        "share.coordinator.state.topic.replication.factor": replicationFactor,
        "share.coordinator.state.topic.min.isr": minInSyncReplicas,
        "log.retention.hours": 168,
        // A year: a group that was away for longer than its offsets would begin its event stores anew.
        "offsets.retention.minutes": 525_600,
        ...(remoteStorage === undefined
          ? {}
          : { "rlmm.config.remote.log.metadata.topic.replication.factor": replicationFactor }),
      },
      metricsConfig: { type: "strimziMetricsReporter" },
      template: { podDisruptionBudget: { maxUnavailable: 1 } },
    },
    entityOperator: {
      topicOperator: { resources: small("512Mi") },
      userOperator: { watchedNamespace: args.clientsNamespace, secretPrefix, resources: small("512Mi") },
      template: { topicOperatorContainer: restrictedContainer, userOperatorContainer: restrictedContainer },
    },
    cruiseControl: {
      autoRebalance: [rebalance("add-brokers"), rebalance("remove-brokers")],
      resources: small("1Gi"),
      template: { cruiseControlContainer: restrictedContainer },
    },
    kafkaExporter: {
      topicRegex: ".*",
      groupRegex: ".*",
      resources: small("256Mi"),
      template: { container: restrictedContainer },
    },
  };
}

type ListenerArgs = Pick<ClusterSpecArgs, "certificateSecretName" | "peers">;

const brokerCertChainAndKey = (secretName: pulumi.Input<string>) => ({
  ...{ secretName, certificate: "tls.crt", key: "tls.key" },
});

function clientListener({ certificateSecretName, peers }: ListenerArgs): Listener {
  return {
    name: "clients",
    port: eventPorts.clients,
    type: "internal",
    tls: true,
    authentication: { type: "scram-sha-512" },
    configuration: { brokerCertChainAndKey: brokerCertChainAndKey(certificateSecretName) },
    networkPolicyPeers: peers,
  };
}

function regionListener({ certificateSecretName }: ListenerArgs, regions: RegionalAccess): Listener {
  const { domain, sources, annotations = {} } = regions;
  const named = (host: string) => ({ ...annotations, "external-dns.alpha.kubernetes.io/hostname": host });
  const broker = `broker-{nodeId}.${domain}`;
  return {
    name: "regions",
    port: eventPorts.regions,
    type: "loadbalancer",
    tls: true,
    authentication: { type: "scram-sha-512" },
    configuration: {
      brokerCertChainAndKey: brokerCertChainAndKey(certificateSecretName),
      loadBalancerSourceRanges: sources,
      advertisedHostTemplate: broker,
      bootstrap: { annotations: named(`bootstrap.${domain}`) },
      perBrokerAnnotationsTemplate: named(broker),
    },
    networkPolicyPeers: sources.map((cidr) => ({ ipBlock: { cidr } })),
  };
}

/**
 * Of clients in the cluster, by their namespaces where these are not the one of all others; an empty list would let in everybody,
 * so KEDA, which asks for lags, is always one.
 */
export function listenerPeers(
  namespace: string,
  services: string[],
  asker: string,
  namespaces: Readonly<Record<string, string>> = {},
): types.input.networking.v1.NetworkPolicyPeer[] {
  const homes = [...new Set([namespace, ...services.map((service) => namespaces[service] ?? namespace)])];
  const peers = homes.flatMap((home) => {
    const values = services.filter((service) => (namespaces[service] ?? namespace) === home);
    const pods = { matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values }] };
    return values.length === 0 ? [] : [{ ...inNamespace(home), podSelector: pods }];
  });
  return [...peers, inNamespace(asker)];
}

/** Names by which clients call the brokers. */
export function brokerNames(namespace: string, regions?: RegionalAccess): string[] {
  const services = [`${clusterName}-kafka-bootstrap`, `*.${clusterName}-kafka-brokers`];
  return [
    ...services.flatMap((service) => ["svc", "svc.cluster.local"].map((domain) => `${service}.${namespace}.${domain}`)),
    ...(regions === undefined ? [] : [`*.${regions.domain}`]),
  ];
}

export const brokerPool = (brokers: BrokerSettings, remoteStorage: RemoteStorage | undefined): NodePool => ({
  role: "broker",
  replicas: brokers.replicas,
  resources: brokerResources(brokers.size),
  gibibytes: brokers.gibibytes,
  ...(brokers.storageClassName === undefined ? {} : { storageClassName: brokers.storageClassName }),
  ...(remoteStorage === undefined ? {} : { environment: remoteStorageEnvironment(remoteStorage) }),
});

/** Three, whose metadata is small whatever the brokers hold. */
export const controllerPool = ({ storageClassName }: BrokerSettings): NodePool => ({
  role: "controller",
  replicas: 3,
  resources: { cpu: "250m", memory: "1536Mi", heapMebibytes: 768 },
  gibibytes: 20,
  ...(storageClassName === undefined ? {} : { storageClassName }),
});
