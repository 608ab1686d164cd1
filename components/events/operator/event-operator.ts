import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../../arguments";
import type { StoreConnection } from "../../data/connection";
import { Sidecar } from "../../mesh/istio";
import { toPlatform } from "../../service/network-policy";
import { storeAnnotations, storeEgress, storeHost } from "../../service/stores";
import type { EventBus } from "../event-bus";
import type { Subscription } from "../subscriptions";
import { keptJobs, operatorJobSpec } from "./job";
import { operatorName, operatorPlan } from "./rights";

export interface EventOperatorArgs {
  bus: EventBus;
  /** Name of the services' namespace, in which it works. */
  namespace: string;
  /** Of all consumers. One at least. */
  subscriptions: Subscription[];
  /** Of the program `runtime/events/operator.ts`, which is its entry point. Default: it has no job, and people bring their pods. */
  image?: pulumi.Input<string>;
}

/**
 * Who looks after dead letters on call: a name on the bus with the rights to it alone, the way there, and a job that waits to be
 * asked. Pods with its ServiceAccount and its name as `app.kubernetes.io/name` get to the brokers, and nowhere else.
 */
export class EventOperator extends pulumi.ComponentResource {
  /** What its pods use; on MSK their ServiceAccount needs a role with its `awsStatements`, which the stack makes. */
  readonly connection: StoreConnection;

  constructor(name: string, args: EventOperatorArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventOperator", name, {}, options);
    const { bus, namespace, subscriptions, image } = args;
    const isEmpty = subscriptions.length === 0;
    refuse(`EventOperator "${name}"`, isEmpty ? [{ path: "subscriptions", reason: "must name one at least" }] : []);
    const child = { parent: this };
    const plan = operatorPlan(subscriptions);
    const store = bus.connectionOf(plan);
    this.connection = store;
    const labels = { "app.kubernetes.io/name": operatorName };
    const metadata = { name: operatorName, namespace, labels };
    bus.createClient(name, { client: plan, isMeasured: false }, child);
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const policy = new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata,
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          egress: [...toPlatform, ...storeEgress([store])],
        },
      },
      child,
    );
    const sidecar = new Sidecar(
      `${name}-sidecar`,
      {
        metadata,
        spec: {
          workloadSelector: { labels },
          egress: [{ hosts: [...store.endpoints.map(storeHost), "istio-system/*", "monitoring/*"] }],
          outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
        },
      },
      child,
    );
    if (image !== undefined) {
      new kubernetes.batch.v1.CronJob(
        `${name}-job`,
        {
          metadata,
          spec: {
            // It never runs by itself: people make jobs of it.
            suspend: true,
            schedule: "0 0 1 1 *",
            timeZone: "Etc/UTC",
            startingDeadlineSeconds: 3600,
            ...keptJobs,
            jobTemplate: {
              spec: operatorJobSpec({
                ...{ image, labels, store, serviceAccountName: account.metadata.name },
                annotations: storeAnnotations([store]),
              }),
            },
          },
        },
        { ...child, dependsOn: [policy, sidecar] },
      );
    }
    this.registerOutputs({});
  }
}
