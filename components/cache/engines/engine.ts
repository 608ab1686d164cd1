import type * as pulumi from "@pulumi/pulumi";
import type { StoreEndpoint } from "../../data/connection";
import type { CacheSettings } from "../settings";

export enum CacheEngine {
  /** In the cluster, run by the Dragonfly operator. */
  Dragonfly = "dragonfly",
  /** Amazon ElastiCache Serverless for Valkey. */
  ElastiCache = "elasticache",
}

/** What happens when memory is full. */
export enum EvictionPolicy {
  /** What is least likely to be asked for goes; ElastiCache: of what has a lifetime. */
  LeastUsed = "least-used",
  /** Nothing goes, and writes are refused: for what must stay until its own time is over, as counters. */
  Never = "never",
}

/** What an engine is given. */
export interface CacheEngineArgs extends CacheSettings {
  password: pulumi.Output<string>;
}

/** A cache as its clients see it. */
export interface CacheServer {
  /** Where it is read and written. */
  endpoint: StoreEndpoint;
  /** Where it is read alone, from copies that lag a little. */
  reader: StoreEndpoint;
  userName: string;
  /** Whether keys of one command must have one hash slot, as in a cluster of Valkey. */
  isClustered: boolean;
  /** Secret of the clients' namespace with the authority of its certificate. Default: public ones. */
  authoritySecretName?: string;
}
