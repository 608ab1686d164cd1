import type * as pulumi from "@pulumi/pulumi";
import { type EventBus, EventOperator, type EventPlan } from "../components";
import { operatorName } from "../components/events/operator/rights";
import type { RegionCloud } from "./cluster";
import { podRole } from "./pod-role";
import type { EventsSection } from "./schema";

export { operatorName };

const subscriptionsOf = ({ clients }: EventPlan) => clients.flatMap(({ subscriptions }) => subscriptions);

/** Whom the brokers let in for the dead letters: nobody where nothing is consumed. */
export const operatorClients = (plan: EventPlan): string[] =>
  subscriptionsOf(plan).length === 0 ? [] : [operatorName];

export interface EventOperatorOptions {
  /** Name of the services' namespace. */
  namespace: string;
  /** For what lives in the cluster. */
  options: pulumi.ComponentResourceOptions;
  /** Where MSK is; undefined where there is no cloud. */
  cloud: RegionCloud | undefined;
}

/** Who looks after the dead letters of all consumers, where there are any. */
export function buildEventOperator(
  bus: EventBus,
  plan: EventPlan,
  { redrive }: Pick<EventsSection, "redrive">,
  { namespace, options, cloud }: EventOperatorOptions,
): void {
  const subscriptions = subscriptionsOf(plan);
  if (subscriptions.length === 0) return;
  const args = { bus, namespace, subscriptions, ...(redrive === undefined ? {} : { image: redrive.image }) };
  const { connection } = new EventOperator(operatorName, args, options);
  if (cloud !== undefined) podRole(operatorName, namespace, [connection], cloud);
}
