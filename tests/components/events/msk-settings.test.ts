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

test("groups' offsets outlive a year's absence", async () => {
  const { resources } = await build(msk);
  const properties = resources.find(({ type }) => type === "aws:msk/configuration:Configuration")?.props;
  expect(properties).toMatchObject({
    kafkaVersions: ["3.8.x"],
    serverProperties: "offsets.retention.minutes=525600\n",
  });
});
