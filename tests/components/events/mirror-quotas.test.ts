import { EventBusEngine } from "../../../components/events/event-bus";
import { build, strimzi } from "./fixture";

const source = (region: string) => ({ region, domain: `kafka.${region}.shop.example`, cidrBlock: "10.2.0.0/16" });

/** Of each user of the bus that any source is copied to. */
async function quotasWith(sources: string[]): Promise<Record<string, unknown>> {
  const args = {
    ...{
      ...strimzi,
      engine: EventBusEngine.Strimzi,
      regions: { domain: "kafka.here.example", sources: ["10.2.0.0/16"] },
    },
    quotas: { producerBytesPerSecond: 1000_000, consumerBytesPerSecond: 3000_000 },
  };
  const { resources } = await build(args, sources.map(source));
  return Object.fromEntries(
    resources
      .filter(({ type }) => type.endsWith(":KafkaUser"))
      .map(({ name, props }) => [name, (props.spec as { quotas: unknown }).quotas]),
  );
}

test("a mirror may write and read as much as all services whose messages it carries", async () => {
  const one = await quotasWith(["us-east"]);
  const services = { producerByteRate: 1_000_000, consumerByteRate: 3_000_000 };
  // Two services publish, the third one only consumes.
  const both = { producerByteRate: 2_000_000, consumerByteRate: 6_000_000 };
  expect(one).toEqual({
    ...{ "catalog-user": services, "order-user": services, "shipping-user": services },
    ...{ "mirror-user": both, "mirror-reader": both },
  });
  const three = await quotasWith(["us-east", "us-west", "ap-south"]);
  expect(three["mirror-user"]).toEqual({ producerByteRate: 6_000_000, consumerByteRate: 18_000_000 });
  expect(three["order-user"]).toEqual(services);
});
