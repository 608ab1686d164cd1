import * as pulumi from "@pulumi/pulumi";
import { BrokerSize } from "../../../components/events/brokers";
import {
  connectionsPerReplica,
  EventBus,
  type EventBusArgs,
  EventBusEngine,
  eventBusProblems,
} from "../../../components/events/event-bus";
import type { RegionalBus } from "../../../components/events/event-mirror";
import { build, graphOf, msk, plan, strimzi } from "./fixture";

const engines: [string, EventBusArgs, RegionalBus[]][] = [
  ["strimzi", strimzi, [{ region: "us-east", domain: "kafka.us-east.shop.example", cidrBlock: "10.0.0.0/16" }]],
  [
    "msk",
    { ...msk, isShared: true },
    [
      {
        region: "us-east",
        clusterArn: "arn:aws:kafka:us-east-1:123456789012:cluster/events/11111111-1111-1111-1111-111111111111-2",
        subnetIds: ["subnet-4", "subnet-5", "subnet-6"],
        securityGroupIds: ["sg-4"],
      },
    ],
  ],
];

describe.each(engines)("on %s", (_, args, sources) => {
  test("what there is and what it is given", async () => {
    expect(graphOf(await build(args, sources))).toMatchSnapshot();
  });

  test("a preview knows of all that an update makes", async () => {
    const [preview, update] = [await build(args, sources, true), await build(args, sources, false)];
    expect(graphOf(preview).map(([urn]) => urn)).toEqual(graphOf(update).map(([urn]) => urn));
  });

  test("what services are told", async () => {
    const { connections, lags } = await build(args);
    expect({ connections, lags }).toMatchSnapshot();
  });
});

test("brokers of other regions are let in by their own listener, by nobody else's name", async () => {
  const regions = {
    ...{ domain: "kafka.eu-west.shop.example", sources: ["10.0.0.0/16"] },
    annotations: { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" },
  };
  const { resources } = await build({ ...strimzi, regions });
  const listeners = resources.flatMap(({ type, props }) =>
    type.endsWith(":Kafka") ? (props.spec as { kafka: { listeners: unknown[] } }).kafka.listeners : [],
  );
  expect(listeners).toHaveLength(2);
  expect(listeners[1]).toMatchSnapshot();
  const [dnsNames] = resources.flatMap(({ type, props }) =>
    type.endsWith(":Certificate") ? [(props.spec as { dnsNames: string[] }).dnsNames] : [],
  );
  expect(dnsNames).toContain("*.kafka.eu-west.shop.example");
});

test("each reader of a topic and its retries, and the writer, may have two connections to each broker", () => {
  const [catalog, order, shipping] = plan.clients.map((client) => connectionsPerReplica(client, 3));
  expect([catalog, order, shipping]).toEqual([6, 24, 42]);
});

const problemsOf = (args: EventBusArgs) => eventBusProblems(args).map(({ path }) => path);

test("every problem of the arguments is reported, each with its path", () => {
  const wrong: EventBusArgs = {
    ...strimzi,
    brokers: { replicas: 2, gibibytes: 0, replicationFactor: 1, minInSyncReplicas: 0 },
    quotas: { producerBytesPerSecond: 1, consumerBytesPerSecond: 0.5 },
    recovery: { pointSeconds: -1, timeSeconds: 0 },
    regions: { domain: "kafka.example.com", sources: [] },
  };
  delete wrong.issuer;
  const thrown = (() => {
    try {
      return new EventBus("events", wrong);
    } catch (error) {
      return error;
    }
  })();
  if (!pulumi.InputPropertiesError.isInstance(thrown)) throw thrown;
  expect(thrown.errors.map(({ propertyPath }) => propertyPath)).toEqual([
    "brokers.replicas",
    "brokers.gibibytes",
    "brokers.replicationFactor",
    "brokers.minInSyncReplicas",
    "quotas.producerBytesPerSecond",
    "quotas.consumerBytesPerSecond",
    "recovery.pointSeconds",
    "recovery.timeSeconds",
    "issuer",
    "regions.sources",
  ]);
});

test.each([
  [{ replicas: 3, replicationFactor: 4 }, "brokers.replicationFactor: is 4, must be at most 3"],
  [{ replicationFactor: 2, minInSyncReplicas: 2 }, "brokers.minInSyncReplicas: is 2, must be less than"],
])("copies that the brokers can't keep are refused: %j", (brokers, reason) => {
  const problems = eventBusProblems({ ...strimzi, brokers }).map((problem) => `${problem.path}: ${problem.reason}`);
  expect(problems).toEqual([expect.stringContaining(reason)]);
});

test("MSK's Express brokers leave no choice, and are in a VPC", () => {
  const withoutPlacement = { ...msk };
  delete withoutPlacement.placement;
  const brokers = { replicas: 4, replicationFactor: 4, minInSyncReplicas: 3 };
  expect(problemsOf({ ...withoutPlacement, brokers })).toEqual([
    "placement",
    "brokers.replicas",
    "brokers.replicationFactor",
    "brokers.minInSyncReplicas",
  ]);
  expect(problemsOf({ ...msk, brokers: { replicas: 6, size: BrokerSize.Large } })).toEqual([]);
});

test("topics that hold messages are kept, those of a consumer go with it", async () => {
  const protectedTopics = async (engine: EventBusEngine) => {
    const args = engine === EventBusEngine.Strimzi ? strimzi : msk;
    const { resources } = await build(args);
    return resources
      .filter(({ isProtected }) => isProtected)
      .map(({ name }) => name)
      .sort();
  };
  expect(await protectedTopics(EventBusEngine.Strimzi)).toEqual([
    "events-brokers",
    "events-controllers",
    "events-kafka",
    "orders-topic",
    "products-topic",
  ]);
  expect(await protectedTopics(EventBusEngine.Msk)).toEqual([
    "events-cluster",
    "events-key",
    "orders-topic",
    "products-topic",
  ]);
});
