import { z } from "zod";
import { BrokerSize, Compression, EventBusEngine, TopicKind } from "../../components";
import { dnsLabel, eventType } from "./common";

const bytesPerSecond = z
  .int()
  .min(1024)
  .max(2 ** 40);

const topicSchema = z.strictObject({
  name: dnsLabel.describe("Name of the topic, e.g. orders"),
  events: z.array(eventType).min(1).describe("Event types that it carries, e.g. order.*; no other topic carries them"),
  kind: z
    .enum(TopicKind)
    .default(TopicKind.Stream)
    .describe(
      "stream: all messages, for their retention; state: the last one of each key, event-store: all of them, for ever",
    ),
  peak: z
    .strictObject({
      messagesPerSecond: z.int().min(1).max(1_000_000).default(100).describe("Of all producers together"),
      messageBytes: z.int().min(1).max(4_194_304).default(1024).describe("Of a message, on average"),
      consumerMessagesPerSecond: z
        .int()
        .min(1)
        .max(100_000)
        .default(100)
        .describe("That the slowest consumer was measured to handle from one partition; default: 10 ms for each"),
    })
    .prefault({})
    .describe("The most that the topic must take: its partitions come from it"),
  partitions: z
    .int()
    .min(1)
    .max(600)
    .exactOptional()
    .describe("Partitions at least, in steps of 6; Kafka can't take any away"),
  retentionHours: z.int().min(1).max(8760).exactOptional().describe("Of a stream; default 168, a week"),
  maxMessageBytes: z.int().min(1024).max(4_194_304).default(1_048_576).describe("Of the largest message, compressed"),
  isCopied: z
    .boolean()
    .default(true)
    .describe("Whether the regions of events.regions copy it; false where they can do without"),
  compression: z.enum(Compression).default(Compression.Producer).describe("producer: as they send it"),
});

const regionSchema = z.strictObject({
  region: dnsLabel.describe("One of the regions"),
  domain: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "must be a domain such as kafka.eu-west.example.com")
    .exactOptional()
    .describe("Strimzi: bootstrap.<domain> and broker-<id>.<domain> lead to its brokers' load balancers"),
  annotations: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe("Strimzi: of these load balancers, e.g. to make them internal ones"),
  msk: z
    .strictObject({
      clusterArn: z.string().regex(/^arn:[\w-]+:kafka:/, "must be the ARN of an MSK cluster"),
      subnetIds: z.array(z.string().regex(/^subnet-/, "must be the id of a subnet")).min(2),
      securityGroupIds: z.array(z.string().regex(/^sg-/, "must be the id of a security group")).min(1),
    })
    .exactOptional()
    .describe("MSK: its cluster"),
});

export const eventsSchema = z
  .strictObject({
    engine: z
      .enum(EventBusEngine)
      .default(EventBusEngine.Strimzi)
      .describe("strimzi: Kafka in the cluster; msk: Amazon MSK with Express brokers"),
    namespace: dnsLabel.default("kafka").describe("Namespace that is made for the bus alone"),
    kafkaVersion: z
      .string()
      .regex(/^\d+\.\d+\.(\d+|x)$/, "must be a version such as 4.3.1, or 3.8.x on MSK")
      .exactOptional()
      .describe("Default 4.3.1 on strimzi, 3.8.x on msk"),
    brokers: z
      .strictObject({
        replicas: z.int().min(3).max(60).default(3).describe("Brokers; on msk a multiple of 3"),
        size: z
          .enum(BrokerSize)
          .default(BrokerSize.Medium)
          .describe(
            "small 0.5 vCPU and 2 GiB, medium 2 and 8 GiB, large 4 and 16 GiB; more brokers before bigger ones",
          ),
        gibibytes: z.int().min(1).max(16_384).default(100).describe("Strimzi: volume of each broker"),
        storageClassName: z.string().min(1).exactOptional().describe("Strimzi; default: the cluster's own default"),
        replicationFactor: z.int().min(2).max(60).default(3).describe("Copies of each partition; on msk always 3"),
        minInSyncReplicas: z
          .int()
          .min(1)
          .max(60)
          .default(2)
          .describe("Copies that have a message before its producer is told so; on msk always 2"),
      })
      .prefault({}),
    quotas: z
      .strictObject({
        producerBytesPerSecond: bytesPerSecond.default(10_485_760),
        consumerBytesPerSecond: bytesPerSecond.default(20_971_520),
      })
      .prefault({})
      .describe("Strimzi: of each service at each broker; what is more waits"),
    topics: z
      .array(topicSchema)
      .min(1)
      .describe("The topics; who publishes and consumes is in the services' contracts"),
    regions: z
      .array(regionSchema)
      .default([])
      .describe("Regions whose topics are copied to each other; default: none are"),
    alarmTopics: z
      .record(dnsLabel, z.string().regex(/^arn:[\w-]+:sns:/, "must be the ARN of a topic of SNS"))
      .default({})
      .describe(
        "MSK: topic of SNS that the alarms on copies and the archive tell, by region; default: CloudWatch shows them",
      ),
    redrive: z
      .strictObject({
        image: z.string().min(1).describe("Image of runtime/events/operator.ts, which is its entry point"),
      })
      .exactOptional()
      .describe("A job that lists dead letters, sends them to their consumer again or purges them; default: none"),
  })
  .describe("The bus of the services' events; without it they have none");
