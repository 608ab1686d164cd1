import { type Alert, alertGroup } from "../observability/alerts";
import { type RuleGroup, Severity } from "../observability/prometheus-operator";
import { kafkaJob } from "./monitoring";

export interface EventAlertRulesArgs {
  /** Name of the bus's namespace. */
  namespace: string;
  minInSyncReplicas: number;
  /** Whether brokers and their volumes are the cluster's own. */
  hasOwnBrokers: boolean;
  runbooksUrl: string;
}

const ticket = { severity: Severity.Ticket };
const page = { severity: Severity.Page };

/** Of a subscription's groups, from what each partition is behind; -1, from a group that never committed, counts as nothing. */
const lag = "sum by (consumergroup, topic) (clamp_min(kafka_consumergroup_lag, 0))";

const consumers: Alert[] = [
  {
    alert: "ConsumerLagGrowing",
    expr:
      "sum by (consumergroup, topic) (delta(clamp_min(kafka_consumergroup_lag, 0)[15m:1m])) > 0 " + `and ${lag} > 100`,
    for: "15m",
    labels: ticket,
    summary: "{{ $labels.consumergroup }} falls behind on {{ $labels.topic }}",
    description:
      "{{ $labels.consumergroup }} is further behind on {{ $labels.topic }} than 15 minutes ago, by {{ $value | humanize }} " +
      "messages: more come than are handled.",
  },
  {
    alert: "ConsumerStalled",
    expr: `${lag} > 0 unless ` + "sum by (consumergroup, topic) (delta(kafka_consumergroup_current_offset[10m])) > 0",
    for: "10m",
    labels: page,
    summary: "{{ $labels.consumergroup }} handles nothing of {{ $labels.topic }}",
    description:
      "{{ $value | humanize }} messages of {{ $labels.topic }} wait, and {{ $labels.consumergroup }} has committed none for " +
      "ten minutes.",
  },
  {
    alert: "DeadLettersWaiting",
    expr:
      'sum by (topic) (kafka_topic_partition_current_offset{topic=~".+[.]dead-letter"} ' +
      "- kafka_topic_partition_oldest_offset) > 0",
    for: "1m",
    labels: ticket,
    summary: "{{ $labels.topic }} is not empty",
    description: "{{ $value | humanize }} messages in {{ $labels.topic }} failed three times and wait for somebody.",
  },
];

function partitions(minInSyncReplicas: number): Alert[] {
  return [
    {
      alert: "KafkaPartitionsUnderReplicated",
      expr: "sum by (topic) (kafka_topic_partition_under_replicated_partition) > 0",
      for: "15m",
      labels: ticket,
      summary: "{{ $labels.topic }} lacks copies",
      description:
        "{{ $value }} partitions of {{ $labels.topic }} have had fewer copies than they should for 15 minutes.",
    },
    {
      alert: "KafkaPartitionsNotWritable",
      expr: `count by (topic) (kafka_topic_partition_in_sync_replica < ${minInSyncReplicas}) > 0`,
      for: "1m",
      labels: page,
      summary: "{{ $labels.topic }} can't be written to",
      description:
        `{{ $value }} partitions of {{ $labels.topic }} have fewer than ${minInSyncReplicas} copies in step: producers that ` +
        "want their messages kept are refused.",
    },
    {
      alert: "KafkaNotScraped",
      expr: `up{job="${kafkaJob}"} == 0 or absent(kafka_brokers)`,
      for: "10m",
      labels: ticket,
      summary: "Kafka's metrics are missing",
      description: "Brokers, exporter or mirrors aren't scraped: the alerts on them can't fire.",
    },
  ];
}

function ownBrokers(namespace: string): Alert[] {
  const volume = (metric: string) =>
    `kubelet_volume_stats_${metric}_bytes{namespace="${namespace}", persistentvolumeclaim=~"data-.+"}`;
  const free = `${volume("available")} / ${volume("capacity")}`;
  return [
    {
      alert: "KafkaPartitionsOffline",
      expr: "max(kafka_controller_kafkacontroller_offlinepartitionscount) > 0",
      for: "1m",
      labels: page,
      summary: "Partitions have no leader",
      description: "{{ $value }} partitions have no leader: nothing can be written to them or read from them.",
    },
    {
      alert: "KafkaNoController",
      expr: "sum(kafka_controller_kafkacontroller_activecontrollercount) != 1",
      for: "2m",
      labels: page,
      summary: "Kafka has {{ $value }} active controllers",
      description: "{{ $value }} controllers are active, not one: no leader can be elected and nothing can be changed.",
    },
    {
      alert: "KafkaVolumeFilling",
      expr: `${free} < 0.4 and predict_linear(${volume("available")}[6h], 86400) < 0`,
      for: "30m",
      labels: ticket,
      summary: "{{ $labels.persistentvolumeclaim }} will be full within a day",
      description: "{{ $value | humanizePercentage }} of {{ $labels.persistentvolumeclaim }} are free, and shrinking.",
    },
    {
      alert: "KafkaVolumeNearlyFull",
      expr: `${free} < 0.1`,
      for: "5m",
      labels: page,
      summary: "{{ $labels.persistentvolumeclaim }} is nearly full",
      description:
        "{{ $value | humanizePercentage }} of {{ $labels.persistentvolumeclaim }} are free: a broker whose volume is full stops.",
    },
    {
      alert: "MirrorBehind",
      // As old as a message was when it arrived.
      expr: "max by (topic) (kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max) > 60000",
      for: "10m",
      labels: ticket,
      summary: "The copy of {{ $labels.topic }} is behind",
      description:
        "Messages of {{ $labels.topic }} arrive {{ $value | humanize }} ms after they were written in their own region.",
    },
  ];
}

export function eventAlertGroups(args: EventAlertRulesArgs): RuleGroup[] {
  const { namespace, minInSyncReplicas, hasOwnBrokers, runbooksUrl } = args;
  return [
    alertGroup("omega-events-consumers", consumers, runbooksUrl),
    alertGroup(
      "omega-events-brokers",
      [...partitions(minInSyncReplicas), ...(hasOwnBrokers ? ownBrokers(namespace) : [])],
      runbooksUrl,
    ),
  ];
}
