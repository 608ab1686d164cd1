import type { types } from "@pulumi/kubernetes";

/** What a service shares with the others. */
export enum Isolation {
  /** Namespace, nodes and database cluster. */
  Shared = "shared",
  /**
   * None of them: its own namespace, nodes, database cluster with its own key, and no way from the gateway. For what PCI DSS calls
   * the cardholder data environment, whose scope ends where nothing is shared.
   */
  Dedicated = "dedicated",
}

/** On the namespace and the pods of a dedicated service; policies know them by it. */
export const isolationLabel = "omega-platform/isolation";

/** Label and taint of a dedicated service's nodes; its value is the service's name. */
export const dedicatedNodesKey = "omega-platform/dedicated-to";

/** Where a dedicated service's pods are placed: on its nodes alone, which take no others. */
export interface DedicatedPlacement {
  nodeSelector: Record<string, string>;
  tolerations: types.input.core.v1.Toleration[];
}

export function dedicatedPlacement(service: string): DedicatedPlacement {
  return {
    nodeSelector: { [dedicatedNodesKey]: service },
    tolerations: [{ key: dedicatedNodesKey, operator: "Equal", value: service, effect: "NoSchedule" }],
  };
}
