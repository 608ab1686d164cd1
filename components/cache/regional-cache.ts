import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { refuse } from "../arguments";
import type { IssuerReference } from "../certificates/certificates";
import type { StoreConnection } from "../data/connection";
import type { RecoveryObjectives } from "../data/recovery";
import type { RedisAddress } from "../gateway/rate-limiter-pod";
import { tierEnvironment } from "./answers";
import { DragonflyEngine } from "./engines/dragonfly";
import { type CachePlacement, ElastiCacheEngine } from "./engines/elasticache";
import { CacheEngine, type CacheServer, type EvictionPolicy } from "./engines/engine";
import { cacheProblems, withDefaults } from "./settings";
import type { Snapshots } from "./snapshots";
import { type CacheProfile, cacheTiers, type TierSettings } from "./tiers";

export interface RegionalCacheArgs {
  engine: CacheEngine;
  /** Name of the namespace of all that the cache has in the cluster: a `DataNamespace`. Dragonfly needs it. */
  namespace?: string;
  /** Name of the namespace of its clients. */
  clientsNamespace: string;
  /** `app.kubernetes.io/name` of the clients' pods; no others are let in. */
  clients: string[];
  /**
   * Memory in GiB. Dragonfly: of each replica, three quarters of it for data; ElastiCache: up to which data grows. Default 2,
   * from 1 to 512.
   */
  gibibytes?: number;
  /** Dragonfly's pods, the primary among them. Default 3, from 1 to 10. ElastiCache has copies in each of its zones. */
  replicas?: number;
  /** Default: what is least used goes. */
  evictionPolicy?: EvictionPolicy;
  /** Default none: a cache that is lost fills again. */
  snapshots?: Snapshots;
  /**
   * Promised for the loss of the whole cache. Default: what came after the last snapshot, or without any all that lived, and
   * ten minutes until pods are there again; half an hour on ElastiCache.
   */
  recovery?: RecoveryObjectives;
  /** How long copies live, which services are told. Default the architecture's numbers. */
  tiers?: TierSettings;
  /** Default: nothing watches it. ElastiCache's measurements are in CloudWatch. */
  monitoring?: CacheMonitoring;
  /** Of its certificate, which the clients' `stores-trust` Secret must hold the authority of. Dragonfly needs it. */
  issuer?: IssuerReference;
  /** Where in AWS it is. ElastiCache needs it. */
  placement?: CachePlacement;
  /** Whether an update that would delete it is refused. Default false, unlike other stores: nothing is in a cache alone. */
  protectData?: boolean;
}

/** By the Prometheus operator. */
export interface CacheMonitoring {
  /** Where docs/runbooks.md is served. Default: its path in the repository. */
  runbooksUrl?: string;
}

/** What a service uses the cache for. */
export interface CacheUse {
  profile: CacheProfile;
  /** Connections from one replica at most, at least 1. */
  connectionsPerReplica: number;
}

/**
 * The tier between the services of a region and its data: a store that speaks Redis' protocol, with TLS and a password, that
 * survives the loss of a zone. What is in it can be made again.
 */
export class RegionalCache extends pulumi.ComponentResource {
  private readonly server: CacheServer;
  private readonly accessSecretName: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: RegionalCacheArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("omega:index:RegionalCache", name, {}, options);
    refuse(`RegionalCache "${name}"`, cacheProblems(args));
    const password = new random.RandomPassword(
      `${name}-password`,
      // ElastiCache takes no quotes, slashes and @.
      { length: 48, special: false },
      { parent: this },
    ).result;
    const given = { ...withDefaults(args), password };
    const { engine, namespace, issuer, placement } = args;
    this.server =
      engine === CacheEngine.ElastiCache
        ? new ElastiCacheEngine(name, { ...given, placement: required(placement, "placement") }, { parent: this })
            .server
        : new DragonflyEngine(
            name,
            { ...given, namespace: required(namespace, "namespace"), issuer: required(issuer, "issuer") },
            { parent: this },
          ).server;
    const { userName } = this.server;
    this.accessSecretName = new kubernetes.core.v1.Secret(
      `${name}-access`,
      {
        metadata: { name: `${name}-access`, namespace: args.clientsNamespace },
        stringData: { password, credentials: pulumi.interpolate`${userName}:${password}` },
      },
      { parent: this },
    ).metadata.name;
    this.registerOutputs({ host: this.server.endpoint.host });
  }

  /** What a service needs to use the cache. */
  connectionOf({ profile, connectionsPerReplica }: CacheUse): StoreConnection {
    const { endpoint, reader, userName, isClustered, authoritySecretName } = this.server;
    const { name } = this;
    return {
      ...{ name, connectionsPerReplica, endpoints: [endpoint, reader] },
      environment: {
        CACHE_HOST: endpoint.host,
        CACHE_PORT: String(endpoint.port),
        CACHE_READER_HOST: reader.host,
        CACHE_READER_PORT: String(reader.port),
        CACHE_TLS: "true",
        CACHE_USERNAME: userName,
        CACHE_CLUSTERED: String(isClustered),
        ...(authoritySecretName === undefined ? {} : { CACHE_CA_FILE: `/etc/omega/${name}/ca.crt` }),
        ...tierEnvironment(cacheTiers(profile, this.args.tiers)),
      },
      secrets: [{ variable: "CACHE_PASSWORD", secretName: this.accessSecretName, key: "password" }],
      ...(authoritySecretName === undefined ? {} : { authoritySecretName }),
    };
  }

  /** Where a gateway's limiter counts, if its namespace is that of the clients. */
  rateLimitAddress(): RedisAddress {
    const { endpoint, authoritySecretName } = this.server;
    const { host, port, pods } = endpoint;
    return {
      ...{ host, port, tls: true },
      passwordSecret: { secretName: this.accessSecretName, key: "credentials" },
      ...(authoritySecretName === undefined ? {} : { authoritySecretName }),
      ...(pods === undefined ? {} : { podNamespace: pods.namespace, podLabels: pods.labels }),
    };
  }
}

function required<Value>(value: Value | undefined, path: string): Value {
  if (value === undefined) throw new pulumi.InputPropertyError({ propertyPath: path, reason: "is missing" });
  return value;
}
