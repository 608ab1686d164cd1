import { z } from "zod";
import { dnsLabel } from "./common";

export const eventArchiveSchema = z
  .strictObject({
    kafkaImage: z
      .string()
      .min(1)
      .exactOptional()
      .describe(
        "Strimzi needs it: its image of Kafka with Aiven's tiered storage (core and s3) in /opt/kafka/plugins/tiered-storage",
      ),
    lockDays: z
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .describe("Strimzi on eks: days for which nobody deletes or replaces what was written"),
    bucket: z
      .strictObject({
        name: z.string().min(3),
        region: z.string().min(1).describe("auto for R2"),
        endpoint: z.url().exactOptional().describe("Of an object store that speaks S3; default: AWS"),
        credentialsSecretName: dnsLabel
          .exactOptional()
          .describe("Secret in the bus's namespace with accessKeyId and secretAccessKey"),
      })
      .exactOptional()
      .describe("Strimzi: one that is there already; default: one that is made, where cluster.source is eks"),
  })
  .describe("Bucket for what event stores hold: topics of the kind event-store; without it brokers alone have it");
