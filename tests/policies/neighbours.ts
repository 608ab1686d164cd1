const pod = "spec.template.spec.containers[0]";
const pool = "spec.trafficPolicy.connectionPool";

/** A violation, and the unknowns beside it that must not hide it. */
export const neighbours: [target: string, path: string, weakened: unknown, hidden: [string, string][]][] = [
  [
    "StatefulSet/orders",
    "spec.replicas",
    1,
    [
      ["StatefulSet/orders", "spec.template"],
      ["HorizontalPodAutoscaler/catalog", "spec.minReplicas"],
      ["PodDisruptionBudget/orders", "spec.minAvailable"],
    ],
  ],
  [
    "Deployment/catalog",
    `${pod}.livenessProbe`,
    undefined,
    [
      ["Deployment/catalog", "metadata"],
      ["Deployment/catalog", `${pod}.name`],
      ["Deployment/catalog", `${pod}.startupProbe`],
      ["Deployment/catalog", "spec.template.spec.initContainers"],
    ],
  ],
  [
    "DestinationRule/catalog",
    `${pool}.tcp.maxConnections`,
    21,
    [
      ["DestinationRule/catalog", "metadata"],
      ["DestinationRule/catalog", "spec.host"],
      ["DestinationRule/catalog", `${pool}.http`],
      ["DestinationRule/catalog", "spec.subsets"],
    ],
  ],
  [
    "DestinationRule/catalog",
    "spec.trafficPolicy.outlierDetection.maxEjectionPercent",
    10,
    [
      ["DestinationRule/catalog", "spec.trafficPolicy.outlierDetection.consecutive5xxErrors"],
      ["DestinationRule/catalog", pool],
      ["Service/catalog", "spec.clusterIP"],
      ["DestinationRule/orders", "spec.host"],
    ],
  ],
  [
    "PodDisruptionBudget/catalog",
    "spec.maxUnavailable",
    0,
    [
      ["PodDisruptionBudget/catalog", "spec.selector"],
      ["Deployment/catalog", "spec"],
    ],
  ],
  [
    "Deployment/catalog",
    `${pod}.securityContext.readOnlyRootFilesystem`,
    undefined,
    [
      ["Deployment/catalog", "metadata"],
      ["Deployment/catalog", `${pod}.image`],
      ["Deployment/catalog", "spec.template.spec.securityContext"],
      ["Deployment/catalog", `${pod}.securityContext.capabilities`],
    ],
  ],
  [
    "DaemonSet/log-agent",
    "spec.template.spec.securityContext.seccompProfile.type",
    "Unconfined",
    [["DaemonSet/log-agent", "spec.template.metadata"]],
  ],
  [
    "CronJob/report",
    "spec.jobTemplate.spec.template.spec.containers[0].image",
    "app:latest",
    [["CronJob/report", "spec.jobTemplate.spec.template.spec.containers[0].securityContext"]],
  ],
  [
    "Deployment/catalog",
    "spec.template.spec.topologySpreadConstraints[0].topologyKey",
    "kubernetes.io/hostname",
    [
      ["Deployment/catalog", "metadata.name"],
      ["Deployment/catalog", "spec.template.metadata.labels"],
    ],
  ],
  [
    "VirtualService/catalog",
    "spec.http[2].timeout",
    undefined,
    [
      ["VirtualService/catalog", "metadata"],
      ["VirtualService/catalog", "spec.hosts"],
      ["VirtualService/catalog", "spec.http[0]"],
      ["VirtualService/catalog", "spec.http[2].retries"],
    ],
  ],
  [
    "PeerAuthentication/default",
    "spec.mtls.mode",
    "PERMISSIVE",
    [
      ["PeerAuthentication/default", "metadata"],
      ["PeerAuthentication/edge", "spec"],
    ],
  ],
  [
    "AuthorizationPolicy/catalog-from-orders",
    "spec.rules[0].from[0].source.principals",
    ["*"],
    [
      ["AuthorizationPolicy/catalog-from-orders", "metadata"],
      ["AuthorizationPolicy/catalog-from-orders", "spec.selector"],
      ["AuthorizationPolicy/catalog-from-orders", "spec.rules[0].to[0].operation.ports"],
    ],
  ],
  [
    "AuthorizationPolicy/require-token",
    "spec.selector.matchLabels.app",
    "other",
    [
      ["AuthorizationPolicy/require-token", "spec.rules"],
      ["RequestAuthentication/edge", "spec.jwtRules[0].issuer"],
      ["AuthorizationPolicy/metrics", "spec"],
    ],
  ],
  [
    "ServiceEntry/mailers",
    "spec.resolution",
    "NONE",
    [
      ["ServiceEntry/mailers", "metadata"],
      ["ServiceEntry/mailers", "spec.addresses"],
    ],
  ],
  [
    "HTTPRoute/to-https",
    "spec.rules[0].filters[0].requestRedirect.scheme",
    "http",
    [
      ["HTTPRoute/to-https", "spec.rules[0].matches"],
      ["Gateway/shop", "spec.listeners[1]"],
    ],
  ],
  [
    "Service/orders",
    "spec.loadBalancerSourceRanges[0]",
    "0.0.0.0/0",
    [
      ["Service/orders", "metadata.name"],
      ["Service/orders", "spec.ports"],
    ],
  ],
  [
    "Kafka/omega",
    "spec.kafka.listeners[0].tls",
    false,
    [
      ["Kafka/omega", "metadata"],
      ["Kafka/omega", "spec.kafka.config"],
      ["Kafka/omega", "spec.kafka.listeners[0].authentication"],
      ["Kafka/omega", "spec.kafka.listeners[1]"],
    ],
  ],
  [
    "KafkaUser/shipping",
    "spec.authorization.acls[1].resource.name",
    "shipping.carts",
    [
      ["KafkaUser/shipping", "metadata.name"],
      ["KafkaUser/shipping", "spec.quotas"],
      ["KafkaTopic/orders", "spec.config"],
      ["PrometheusRule/events", "spec"],
    ],
  ],
  [
    "VitessCluster/shop",
    "spec.keyspaces[0].partitionings[0].equal.shardTemplate.tabletPools",
    [{ cell: "zone1", type: "replica" }],
    [
      ["VitessCluster/shop", "metadata"],
      ["VitessCluster/shop", "spec.backup"],
      ["VitessCluster/shop", "spec.cells[0].gateway"],
      ["VitessCluster/shop", "spec.keyspaces[1]"],
    ],
  ],
  [
    "Cluster/ledger",
    "storageEncrypted",
    false,
    [
      ["Cluster/ledger", "kmsKeyId"],
      ["Cluster/ledger", "clusterIdentifier"],
      ["ClusterInstance/ledger-a", "clusterIdentifier"],
    ],
  ],
  [
    "Workflow/once",
    "spec.templates[5].stressChaos.selector.namespaces",
    undefined,
    [
      ["Workflow/once", "metadata"],
      ["Workflow/once", "spec.templates[3]"],
      ["Workflow/once", "spec.templates[0].deadline"],
    ],
  ],
  [
    "ZoneSetting/ssl",
    "value",
    "full",
    [
      ["ZoneSetting/ssl", "zoneId"],
      ["ZoneSetting/min_tls_version", "value"],
      ["LoadBalancer/api", "zoneId"],
    ],
  ],
  [
    "Ruleset/managed",
    "rules",
    [],
    [
      ["Ruleset/managed", "zoneId"],
      ["Ruleset/limits", "rules"],
    ],
  ],
  [
    "Ruleset/cache",
    "rules[0].actionParameters.cacheKey.customKey.header.includes",
    [],
    [
      ["Ruleset/cache", "rules[0].expression"],
      ["Ruleset/cache", "rules[1]"],
      ["WorkersCustomDomain/flags", "zoneId"],
    ],
  ],
  [
    "LoadBalancerPool/eu-west",
    "monitor",
    "",
    [
      ["LoadBalancerPool/eu-west", "origins"],
      ["LoadBalancerPool/eu-west", "latitude"],
      ["LoadBalancer/api", "defaultPools"],
    ],
  ],
  [
    "WorkerVersion/edge",
    "bindings[1].text",
    "postgres://shop:hush@db.example/shop",
    [
      ["WorkerVersion/edge", "bindings[0].json"],
      ["WorkerVersion/edge", "bindings[2]"],
      ["WorkerVersion/edge", "migrations"],
      ["WorkerVersion/edge", "workerId"],
    ],
  ],
  [
    "QueueConsumer/retries",
    "deadLetterQueue",
    "",
    [
      ["QueueConsumer/retries", "queueId"],
      ["QueueConsumer/retries", "settings"],
      ["Queue/given-up", "queueName"],
    ],
  ],
];
