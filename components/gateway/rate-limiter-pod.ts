import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Bulkhead, priorityClassName } from "../mesh/bulkheads";
import { drainFirst, gracePeriodSeconds, restricted, restrictedPod, zoneSpread } from "../service/pod";
import { containerResources, resourceRequirements, Size } from "../service/size";
import type { SecretKey } from "../secret-key";
import type { StoreAccess } from "../service/stores";

/** A store that speaks Redis' protocol. The mesh must know its host: by a Service or by a ServiceEntry. */
export interface RedisAddress {
  /** Name in DNS. */
  host: pulumi.Input<string>;
  /** Default 6379. */
  port?: number;
  /** Whether it wants TLS, which the limiter itself then speaks. Default no: inside the mesh the proxies encrypt. */
  tls?: boolean;
  /** Password, or `user:password`. Default none. */
  passwordSecret?: SecretKey;
  /** Secret whose key `ca.crt` is the authority that its certificate is checked against. Default: public ones. */
  authoritySecretName?: pulumi.Input<string>;
  /** Labels of its pods where they are in the cluster: no other address is then reachable at its port. */
  podLabels?: Record<string, string>;
  /** Name of these pods' namespace. Default: the limiter's own. */
  podNamespace?: string;
}

export const redisPort = ({ port = 6379 }: RedisAddress): number => port;

/** Of its Deployment, Service, ServiceAccount and `app.kubernetes.io/name`. */
export const limiterName = "rate-limiter";

/** Where the limiter is asked, where it says how it is, and where it is measured. */
export const limiterPorts = { grpc: 8081, http: 8080, metrics: 9090 };

/**
 * There are no versions after 1.4, only commits; this is the one that the tests run. It has no user of its own.
 */
export const defaultLimiterImage = "docker.io/envoyproxy/ratelimit:3fb70258";

export const limiterConfigurationFile = "limits.yaml";

const runtimeRoot = "/data";
const configurationFolder = "config";
const authorityFolder = "/etc/omega/counters";

/** Connections from one replica to the store, all opened at its start: each carries thousands of questions a second. */
export const redisConnections = 10;

interface LimiterPodArgs {
  image: pulumi.Input<string>;
  redis: RedisAddress;
  /** ConfigMap with the limits. */
  configMapName: pulumi.Input<string>;
  serviceAccountName: pulumi.Input<string>;
  labels: Record<string, string>;
}

export function limiterPodSpec(args: LimiterPodArgs): types.input.core.v1.PodSpec {
  const authority = authorityMount(args.redis);
  const timing = (failureThreshold: number) => ({ periodSeconds: 5, timeoutSeconds: 2, failureThreshold });
  // It is well once it has its limits. That the store is away doesn't count: a restart would not bring it back.
  const health = { httpGet: { path: "/healthcheck", port: "http-health" } };
  return {
    serviceAccountName: args.serviceAccountName,
    automountServiceAccountToken: false,
    priorityClassName: priorityClassName(Bulkhead.Critical),
    terminationGracePeriodSeconds: gracePeriodSeconds,
    securityContext: restrictedPod,
    topologySpreadConstraints: zoneSpread(args.labels),
    containers: [
      {
        name: limiterName,
        image: args.image,
        command: ["/bin/ratelimit"],
        env: environment(args.redis),
        ports: [
          { name: "grpc", containerPort: limiterPorts.grpc },
          { name: "http-health", containerPort: limiterPorts.http },
          { name: "http-metrics", containerPort: limiterPorts.metrics },
        ],
        resources: resourceRequirements(containerResources(Size.Small)),
        securityContext: restricted,
        lifecycle: drainFirst,
        startupProbe: { ...health, ...timing(30) },
        readinessProbe: { ...health, ...timing(3) },
        livenessProbe: { tcpSocket: { port: "grpc" }, ...timing(6) },
        volumeMounts: [
          { name: "limits", mountPath: `${runtimeRoot}/${configurationFolder}`, readOnly: true },
          ...authority.volumeMounts,
        ],
      },
    ],
    volumes: [{ name: "limits", configMap: { name: args.configMapName } }, ...authority.volumes],
  };
}

/** The authority alone, without the key that may be beside it. */
function authorityMount({ authoritySecretName }: RedisAddress): Pick<StoreAccess, "volumes" | "volumeMounts"> {
  if (authoritySecretName === undefined) return { volumes: [], volumeMounts: [] };
  const name = "authority";
  const items = [{ key: "ca.crt", path: "ca.crt" }];
  return {
    volumes: [{ name, secret: { secretName: authoritySecretName, items } }],
    volumeMounts: [{ name, mountPath: authorityFolder, readOnly: true }],
  };
}

function environment(redis: RedisAddress): types.input.core.v1.EnvVar[] {
  const { passwordSecret } = redis;
  const variables: Record<string, pulumi.Input<string>> = {
    GRPC_PORT: String(limiterPorts.grpc),
    PORT: String(limiterPorts.http),
    // Profiles and settings, for whoever is in the pod.
    DEBUG_HOST: "127.0.0.1",
    USE_STATSD: "false",
    USE_PROMETHEUS: "true",
    PROMETHEUS_ADDR: `:${limiterPorts.metrics}`,
    LOG_FORMAT: "json",
    RUNTIME_ROOT: runtimeRoot,
    RUNTIME_APPDIRECTORY: configurationFolder,
    RUNTIME_WATCH_ROOT: "false",
    // A mounted ConfigMap holds each file twice, the second time under a name that begins with a dot.
    RUNTIME_IGNOREDOTFILES: "true",
    HEALTHY_WITH_AT_LEAST_ONE_CONFIG_LOADED: "true",
    // Who is over the limit is remembered here until the minute ends: a flood doesn't reach the store.
    LOCAL_CACHE_SIZE_IN_BYTES: String(8 * 2 ** 20),
    // A counter outlives its minute by up to this, so that not all of them expire in one moment.
    EXPIRATION_JITTER_MAX_SECONDS: "30",
    REDIS_SOCKET_TYPE: "tcp",
    REDIS_URL: pulumi.interpolate`${redis.host}:${redisPort(redis)}`,
    REDIS_POOL_SIZE: String(redisConnections),
    REDIS_TLS: String(redis.tls ?? false),
    ...(redis.authoritySecretName === undefined ? {} : { REDIS_TLS_CACERT: `${authorityFolder}/ca.crt` }),
  };
  const plain = Object.entries(variables).map(([name, value]) => ({ name, value }));
  if (passwordSecret === undefined) return plain;
  const secretKeyRef = { name: passwordSecret.secretName, key: passwordSecret.key };
  return [...plain, { name: "REDIS_AUTH", valueFrom: { secretKeyRef } }];
}
