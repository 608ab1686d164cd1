import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A bucket to which brokers move the closed segments of event stores, and read them from as if they had them still. */
export interface RemoteStorage {
  /**
   * Image of Kafka as Strimzi builds it for the Kafka version, with the jars of Aiven's tiered storage (core and s3) in
   * `/opt/kafka/plugins/tiered-storage`: Strimzi's own image has no such plugin.
   */
  image: string;
  bucket: pulumi.Input<string>;
  /** Region of the bucket; `auto` for R2. */
  region: string;
  /** URL of an object store that speaks S3, e.g. R2's. Default: AWS. */
  endpoint?: string;
  /**
   * Secret in the bus's namespace with the keys `accessKeyId` and `secretAccessKey`. Default: what the brokers' ServiceAccount may
   * do by itself.
   */
  credentialsSecretName?: string;
}

export interface TieredStorage {
  type: "custom";
  remoteStorageManager: { className: string; classPath: string; config: Record<string, pulumi.Input<string>> };
}

const plugin = "io.aiven.kafka.tieredstorage";

export function tieredStorage({ bucket, region, endpoint }: RemoteStorage): TieredStorage {
  return {
    type: "custom",
    remoteStorageManager: {
      className: `${plugin}.RemoteStorageManager`,
      classPath: "/opt/kafka/plugins/tiered-storage/*",
      config: {
        "storage.backend.class": `${plugin}.storage.s3.S3Storage`,
        "storage.s3.bucket.name": bucket,
        "storage.s3.region": region,
        ...(endpoint === undefined ? {} : { "storage.s3.endpoint.url": endpoint }),
        "chunk.size": String(4 * 2 ** 20),
        // Whoever reads from the beginning asks for a chunk again and again.
        "fetch.chunk.cache.class": `${plugin}.fetch.cache.MemoryChunkCache`,
        "fetch.chunk.cache.size": String(64 * 2 ** 20),
      },
    },
  };
}

/** By which the plugin's AWS client finds the credentials. */
export function remoteStorageEnvironment({
  credentialsSecretName: name,
}: Pick<RemoteStorage, "credentialsSecretName">): types.input.core.v1.EnvVar[] {
  if (name === undefined) return [];
  return [
    { name: "AWS_ACCESS_KEY_ID", valueFrom: { secretKeyRef: { name, key: "accessKeyId" } } },
    { name: "AWS_SECRET_ACCESS_KEY", valueFrom: { secretKeyRef: { name, key: "secretAccessKey" } } },
  ];
}
