import { topicConfiguration } from "../../../components/events/msk/settings";
import { TopicKind, topicSettings } from "../../../components/events/topics";
import { build, msk } from "./fixture";

const clusterOf = async (change: object) => {
  const { resources } = await build({ ...msk, ...change });
  return resources.find(({ type }) => type === "aws:msk/cluster:Cluster")?.props.tags;
};

test("a state is compacted as soon as Express brokers allow, a stream is as declared", () => {
  const of = (kind: TopicKind) => topicConfiguration(topicSettings({ name: "carts", events: ["cart.*"], kind }));
  expect(of(TopicKind.State)["max.compaction.lag.ms"]).toBe("604800000");
  expect(of(TopicKind.Stream)).not.toHaveProperty(["max.compaction.lag.ms"]);
});

/**
 * Whether Express brokers take each of these was not tried on AWS, and their page (in settings.ts) was not there in full to be
 * compared with; what is added here has to be looked up on it first.
 */
test.each([
  [TopicKind.Stream, ["cleanup.policy", "retention.ms"]],
  [TopicKind.State, ["cleanup.policy", "delete.retention.ms", "max.compaction.lag.ms"]],
  [TopicKind.EventStore, ["cleanup.policy", "retention.bytes", "retention.ms"]],
])("a %s asks Express brokers for these settings alone", async (kind, settings) => {
  const { resources } = await build(msk);
  const declared = topicConfiguration(topicSettings({ name: "carts", events: ["cart.*"], kind }));
  expect(Object.keys(declared).sort()).toEqual([...settings, "compression.type", "max.message.bytes"].sort());
  const sent = resources.filter(({ type }) => type === "aws:msk/topic:Topic").map(({ props }) => String(props.configs));
  const values = sent.flatMap((configs) => Object.values(JSON.parse(configs) as Record<string, unknown>));
  // MSK takes all of them as text.
  expect(values.length).toBeGreaterThan(0);
  expect(values.filter((value) => typeof value !== "string")).toEqual([]);
});

test.each<[object, string | undefined]>([
  [{}, undefined],
  [{ isArchived: true }, "86400"],
  [{ isShared: true }, "86400"],
  [{ recovery: { pointSeconds: 60, timeSeconds: 900 } }, "60"],
])("with %p the newest %p seconds may be lost", async (change, seconds) => {
  expect(await clusterOf(change)).toEqual(
    seconds === undefined
      ? expect.not.objectContaining({ "omega-platform/recovery-point-seconds": expect.anything() })
      : expect.objectContaining({ "omega-platform/recovery-point-seconds": seconds }),
  );
});

// Whether Express brokers take it was not tried on AWS either.
test("groups' offsets outlive a year's absence", async () => {
  const { resources } = await build(msk);
  const properties = resources.find(({ type }) => type === "aws:msk/configuration:Configuration")?.props;
  expect(properties).toMatchObject({
    kafkaVersions: ["3.8.x"],
    serverProperties: "offsets.retention.minutes=525600\n",
  });
});
