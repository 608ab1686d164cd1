import type * as pulumi from "@pulumi/pulumi";
import type { AwsStatement, SecretVariable, StoreEndpoint } from "../../data/connection";
import type { MirrorRequest } from "../event-mirror";
import type { DeliveryRequest } from "../msk/delivery";
import type { EventClientPlan } from "../event-plan";
import type { TopicSettings } from "../topics";

/** TCP ports that brokers in the cluster listen on. */
export const eventPorts = { clients: 9093, regions: 9094 };

/** How the buses of other regions, which copy this one's topics, reach its brokers. */
export interface RegionalAccess {
  /** Domain whose names lead to the brokers' load balancers: `bootstrap.<domain>` and `broker-<id>.<domain>`. */
  domain: string;
  /** CIDRs of the other regions; nobody else is let in. */
  sources: string[];
  /** Of the load balancers, e.g. to make them internal ones. Default: external-dns' alone, which names them. */
  annotations?: Record<string, string>;
}

/** What a client must be told to connect. */
export interface EventAccess {
  endpoints: StoreEndpoint[];
  environment: Record<string, pulumi.Input<string>>;
  secrets: SecretVariable[];
  authoritySecretName?: string;
  awsStatements?: AwsStatement[];
}

/** How KEDA asks for the lag of a client's groups. */
export interface LagSource {
  bootstrapServers: pulumi.Input<string>;
  /** Name of the TriggerAuthentication. */
  authentication: string;
  awsRegion?: string;
}

export interface ClientRequest {
  client: EventClientPlan;
  /** Whether KEDA asks for its groups' lag. */
  isMeasured: boolean;
}

/** What differs between engines of an event bus. */
export interface EventEngine {
  createTopic(name: string, topic: TopicSettings, options: pulumi.CustomResourceOptions): void;
  createClient(name: string, request: ClientRequest, options: pulumi.ComponentResourceOptions): void;
  /** What the alerts read; in the bus's namespace. */
  createMonitor(name: string, options: pulumi.ComponentResourceOptions): void;
  createMirror(name: string, request: MirrorRequest, options: pulumi.ComponentResourceOptions): void;
  /** For `ArchiveDelivery`. */
  createDelivery(name: string, request: DeliveryRequest, options: pulumi.ComponentResourceOptions): void;
  accessOf(client: EventClientPlan): EventAccess;
  lagOf(client: EventClientPlan): LagSource;
}
