import * as pulumi from "@pulumi/pulumi";
import { EventBusEngine, IssuerKind } from "../../../components";
import { ArchiveDelivery } from "../../../components/events/archive/archive-delivery";
import { EventArchive, type EventArchiveArgs } from "../../../components/events/archive/event-archive";
import { EventBus, type EventBusArgs } from "../../../components/events/event-bus";
import { EventTopic } from "../../../components/events/event-topic";
import type { RemoteStorage } from "../../../components/events/strimzi/remote-storage";
import { TopicKind } from "../../../components/events/topics";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

async function planOf(program: () => void): Promise<PlannedResource[]> {
  return (await planProgram(async () => program(), "test", { config: {}, secrets: [] })).resources;
}

const graphOf = (resources: PlannedResource[], ofName = /./) =>
  resources
    .filter(({ name }) => ofName.test(name))
    .map(({ type, name, props }) => ({ type, name, props }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));

const propsOf = (resources: PlannedResource[], wanted: string): unknown =>
  resources.find(({ name }) => name === wanted)?.props;

const busArgs: EventBusArgs = {
  ...{ engine: EventBusEngine.Strimzi, namespace: "kafka", clientsNamespace: "shop", clients: [] },
  issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
  placement: {
    ...{ region: "eu-west-1", cidrBlock: "10.1.0.0/16", vpcId: "vpc-1", clusterName: "eu-west" },
    subnetIds: ["subnet-1", "subnet-2", "subnet-3"],
  },
};

describe("the archive", () => {
  test("what it is unless it is told otherwise", async () => {
    expect(graphOf(await planOf(() => void new EventArchive("events")))).toMatchSnapshot();
  });

  test("is kept when the stack lets go of it, and can't be deleted by an update", async () => {
    const kept = await planOf(() => void new EventArchive("events"));
    const free = await planOf(() => void new EventArchive("events", { protectData: false }));
    const isProtected = (resources: PlannedResource[]) =>
      resources.filter((resource) => resource.isProtected).map(({ name }) => name);
    expect(isProtected(kept).sort()).toEqual(["events-bucket", "events-key"]);
    expect(isProtected(free)).toEqual([]);
  });

  test("without a lock its versions are what is left", async () => {
    const resources = await planOf(() => void new EventArchive("events", { lockDays: 0 }));
    expect(propsOf(resources, "events-lock")).toBeUndefined();
    expect(propsOf(resources, "events-bucket")).not.toHaveProperty("objectLockEnabled", true);
    expect(propsOf(resources, "events-versioning")).toMatchObject({ versioningConfiguration: { status: "Enabled" } });
  });

  test("old versions stay as long as the lock", async () => {
    const days = async (args: EventArchiveArgs) => {
      const lifecycle = propsOf(await planOf(() => void new EventArchive("events", args)), "events-lifecycle");
      const { rules } = lifecycle as { rules: { noncurrentVersionExpiration: { noncurrentDays: number } }[] };
      return rules[0]?.noncurrentVersionExpiration.noncurrentDays;
    };
    expect(await days({ lockDays: 30 })).toBe(90);
    expect(await days({ lockDays: 400 })).toBe(400);
  });

  test("wrong arguments are all reported", () => {
    const thrown = (() => {
      try {
        return new EventArchive("events", {
          lockDays: -1,
          expiryDays: 0,
          recovery: { pointSeconds: -1, timeSeconds: 0 },
        });
      } catch (error) {
        return error;
      }
    })();
    if (!pulumi.InputPropertiesError.isInstance(thrown)) throw thrown;
    expect(thrown.errors.map(({ propertyPath }) => propertyPath)).toEqual([
      ...["lockDays", "expiryDays", "recovery.pointSeconds", "recovery.timeSeconds"],
    ]);
  });
});

describe("an event store", () => {
  const remoteStorage: RemoteStorage = {
    ...{ image: "registry.example.com/kafka-tiered:1.2.0-4.3.1", bucket: "shop-events", region: "auto" },
    ...{ endpoint: "https://account.r2.cloudflarestorage.com", credentialsSecretName: "archive" },
  };
  const topic = { name: "orders", events: ["order.*"], kind: TopicKind.EventStore };

  const made = (args: Partial<EventBusArgs>) =>
    planOf(() => {
      const bus = new EventBus("events", { ...busArgs, ...args });
      new EventTopic("orders", { bus, topic });
    });

  test("keeps everything, and nothing is replaced", async () => {
    expect(propsOf(await made({}), "orders-topic")).toMatchObject({
      spec: {
        partitions: 6,
        config: { "cleanup.policy": "delete", "retention.ms": -1, "retention.bytes": -1 },
      },
    });
    expect(JSON.stringify(propsOf(await made({}), "events-kafka"))).not.toContain("tieredStorage");
  });

  test("with an object store brokers keep a week, and move each hour what is closed", async () => {
    const resources = await made({ remoteStorage });
    expect(propsOf(resources, "orders-topic")).toMatchObject({
      spec: {
        config: {
          "retention.ms": -1,
          "remote.storage.enable": "true",
          "local.retention.ms": 7 * 24 * 3_600_000,
          "segment.ms": 3_600_000,
        },
      },
    });
    const { spec } = propsOf(resources, "events-kafka") as { spec: { kafka: Record<string, unknown> } };
    expect({ image: spec.kafka.image, tieredStorage: spec.kafka.tieredStorage }).toMatchSnapshot();
    const env = (pool: string) => {
      const props = propsOf(resources, `events-${pool}`) as {
        spec: { template: { kafkaContainer: { env?: { name: string }[] } } };
      };
      return props.spec.template.kafkaContainer.env?.map(({ name }) => name);
    };
    expect(env("brokers")).toEqual(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    expect(env("controllers")).toBeUndefined();
  });

  test("on MSK it needs none, and one that is given is refused", async () => {
    const msk = { engine: EventBusEngine.Msk };
    const resources = await made(msk);
    const { configs } = propsOf(resources, "orders-topic") as { configs: string };
    expect(JSON.parse(configs)).toMatchObject({ "cleanup.policy": "delete", "retention.ms": "-1" });
    expect(configs).not.toContain("remote.storage");
    await expect(made({ ...msk, remoteStorage })).rejects.toThrow(
      "remoteStorage: is for Strimzi: MSK's Express brokers keep everything",
    );
  });
});

describe("the way into the archive", () => {
  const delivered = (engine: EventBusEngine) =>
    planOf(() => {
      const bus = new EventBus("events", { ...busArgs, engine, isArchived: true });
      const archive = new EventArchive("archive", { lockDays: 0 });
      new ArchiveDelivery("delivery", {
        bus,
        archive,
        topics: [{ name: "orders", kind: TopicKind.EventStore }, { name: "payments" }],
      });
    });

  test("on MSK is a Firehose stream for each topic, which only adds to the archive", async () => {
    const resources = await delivered(EventBusEngine.Msk);
    expect(graphOf(resources, /^delivery/)).toMatchSnapshot();
    const folders = ["orders", "payments"].map((topic) => {
      const stream = propsOf(resources, `delivery-${topic}`) as {
        extendedS3Configuration: { prefix: string; errorOutputPrefix: string };
      };
      const { prefix, errorOutputPrefix } = stream.extendedS3Configuration;
      return [prefix.split("!")[0], errorOutputPrefix.split("!")[0]];
    });
    expect(folders).toEqual([
      ["kept/events/orders/", "kept/failed/orders/"],
      ["expiring/events/payments/", "expiring/failed/payments/"],
    ]);
    expect(propsOf(resources, "events-cluster")).toMatchObject({
      brokerNodeGroupInfo: { connectivityInfo: { vpcConnectivity: { clientAuthentication: { sasl: { iam: true } } } } },
    });
    expect(JSON.stringify(propsOf(resources, "events-cluster-policy"))).toContain("firehose.amazonaws.com");
  });

  test("on Strimzi is the brokers' own", async () => {
    const names = (await delivered(EventBusEngine.Strimzi)).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("delivery"))).toEqual(["delivery"]);
  });

  test("without topics there is none", async () => {
    const program = () => {
      const bus = new EventBus("events", busArgs);
      new ArchiveDelivery("delivery", { bus, archive: new EventArchive("archive"), topics: [] });
    };
    await expect(planOf(program)).rejects.toThrow("topics: must name one topic at least");
  });
});
