import { always, counter } from "../observability/scraped";

/** What Prometheus scrapes of a bus and its consumers, and how it changes; as `alert-scenarios` of observability. */
export interface Scenario {
  name: string;
  /** Series that differ from the healthy ones, or come in addition; undefined takes one away. */
  changes: Record<string, string | undefined>;
  minutes: number;
  fires: string[];
  almost?: string;
}

const exporter = 'job="kafka", namespace="kafka", pod="omega-kafka-exporter-0"';
const lag = `kafka_consumergroup_lag{${exporter}, consumergroup="shipping.orders", topic="orders", partition="0"}`;
const committed = lag.replace("_lag", "_current_offset");
const partition = (metric: string, topic = "orders") =>
  `kafka_topic_partition_${metric}{${exporter}, topic="${topic}", partition="0"}`;
const deadLetters = (metric: string) => partition(metric, "orders.shipping.dead-letter");
const underReplicated = partition("under_replicated_partition");
const inSync = partition("in_sync_replica");
const brokers = `kafka_brokers{${exporter}}`;
const up = 'up{job="kafka", namespace="kafka", pod="omega-broker-0"}';
const controller = (metric: string, pod: number) =>
  `kafka_controller_kafkacontroller_${metric}{job="kafka", namespace="kafka", pod="omega-controller-${100 + pod}"}`;
const offline = controller("offlinepartitionscount", 0);
const [active, standby] = [controller("activecontrollercount", 0), controller("activecontrollercount", 1)];
const volume = (field: string) =>
  `kubelet_volume_stats_${field}_bytes{namespace="kafka", persistentvolumeclaim="data-0-omega-broker-0"}`;
const [available, capacity] = [volume("available"), volume("capacity")];
const latency =
  'kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max{job="kafka", namespace="kafka", ' +
  'pod="mirror-mirrormaker2-0", topic="eu-west.orders", partition="0"}';

export const healthy: Record<string, string> = {
  [lag]: always(20),
  [committed]: counter([50, 360]),
  [deadLetters("current_offset")]: always(7),
  [deadLetters("oldest_offset")]: always(7),
  [partition("current_offset")]: counter([50, 360]),
  [partition("oldest_offset")]: always(0),
  [underReplicated]: always(0),
  [inSync]: always(3),
  [brokers]: always(3),
  [up]: always(1),
  [offline]: always(0),
  [active]: always(1),
  [standby]: always(0),
  [available]: always(80e9),
  [capacity]: always(100e9),
  [latency]: always(800),
};

/** One value, then from that minute on another. */
const from = (minute: number, before: number, after: number) => `${before}x${minute * 4 - 1} ${always(after)}`;

export const scenarios: Scenario[] = [
  { name: "all is well", changes: {}, minutes: 60, fires: [] },
  {
    name: "more comes than is handled",
    changes: { [lag]: counter([2, 360]) },
    minutes: 60,
    fires: ["ConsumerLagGrowing"],
  },
  {
    name: "far behind, and catching up",
    changes: { [lag]: `100000-100x200 ${always(80000)}` },
    minutes: 45,
    fires: [],
    almost: "ConsumerLagGrowing",
  },
  {
    name: "the group commits nothing, and little comes",
    changes: { [lag]: always(20), [committed]: from(20, 1000, 1000) },
    minutes: 60,
    fires: ["ConsumerStalled"],
  },
  {
    name: "nothing comes, so nothing is committed",
    changes: { [lag]: always(0), [committed]: always(1000) },
    minutes: 60,
    fires: [],
    almost: "ConsumerStalled",
  },
  {
    name: "a group that never committed, on a topic without messages",
    changes: { [lag]: always(-1), [committed]: always(-1) },
    minutes: 60,
    fires: [],
  },
  {
    name: "one message failed three times",
    changes: { [deadLetters("current_offset")]: from(20, 7, 8) },
    minutes: 30,
    fires: ["DeadLettersWaiting"],
  },
  {
    name: "dead letters were dealt with and deleted",
    changes: { [deadLetters("current_offset")]: from(10, 7, 8), [deadLetters("oldest_offset")]: from(20, 7, 8) },
    minutes: 30,
    fires: [],
    almost: "DeadLettersWaiting",
  },
  {
    name: "a broker is lost for good",
    changes: { [underReplicated]: from(10, 0, 1), [inSync]: from(10, 3, 2) },
    minutes: 40,
    fires: ["KafkaPartitionsUnderReplicated"],
  },
  {
    name: "a broker restarts",
    changes: { [underReplicated]: `0x39 1x39 ${always(0)}`, [inSync]: `3x39 2x39 ${always(3)}` },
    minutes: 19,
    fires: [],
    almost: "KafkaPartitionsUnderReplicated",
  },
  {
    name: "two brokers are lost",
    changes: { [inSync]: from(10, 3, 1) },
    minutes: 20,
    fires: ["KafkaPartitionsNotWritable"],
  },
  {
    name: "as few copies as may be",
    changes: { [inSync]: always(2) },
    minutes: 20,
    fires: [],
    almost: "KafkaPartitionsNotWritable",
  },
  { name: "a broker can't be scraped", changes: { [up]: from(5, 1, 0) }, minutes: 30, fires: ["KafkaNotScraped"] },
  { name: "there is no exporter", changes: { [brokers]: undefined }, minutes: 30, fires: ["KafkaNotScraped"] },
  {
    name: "a scrape failed",
    changes: { [up]: `1x39 0x19 ${always(1)}` },
    minutes: 14,
    fires: [],
    almost: "KafkaNotScraped",
  },
  {
    name: "a partition has no leader",
    changes: { [offline]: from(10, 0, 1) },
    minutes: 20,
    fires: ["KafkaPartitionsOffline"],
  },
  {
    name: "a leader changes",
    changes: { [offline]: `0x39 1x2 ${always(0)}` },
    minutes: 11,
    fires: [],
    almost: "KafkaPartitionsOffline",
  },
  { name: "no controller is active", changes: { [active]: from(10, 1, 0) }, minutes: 20, fires: ["KafkaNoController"] },
  { name: "two controllers are", changes: { [standby]: from(10, 0, 1) }, minutes: 20, fires: ["KafkaNoController"] },
  {
    name: "another controller takes over",
    changes: { [active]: from(10, 1, 0), [standby]: from(11, 0, 1) },
    minutes: 13,
    fires: [],
    almost: "KafkaNoController",
  },
  {
    name: "a volume is full tomorrow",
    changes: { [available]: "60e9-2000000x1440" },
    minutes: 340,
    fires: [],
    almost: "KafkaVolumeFilling",
  },
  {
    name: "a volume is full within hours",
    changes: { [available]: "50e9-25000000x1440" },
    minutes: 340,
    fires: ["KafkaVolumeFilling"],
  },
  {
    name: "a volume is nearly full",
    changes: { [available]: always(9e9) },
    minutes: 20,
    fires: ["KafkaVolumeNearlyFull"],
  },
  {
    name: "a volume is rather full, and stays so",
    changes: { [available]: always(11e9) },
    minutes: 20,
    fires: [],
    almost: "KafkaVolumeNearlyFull",
  },
  {
    name: "the mirror is two minutes behind",
    changes: { [latency]: always(120_000) },
    minutes: 20,
    fires: ["MirrorBehind"],
  },
  {
    name: "the mirror is not quite a minute behind",
    changes: { [latency]: always(59_000) },
    minutes: 20,
    fires: [],
    almost: "MirrorBehind",
  },
];
