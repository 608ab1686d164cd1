/**
 * How big a replica is. Scale out before up: take the next size only when more replicas no longer help, e.g. because one
 * request needs the memory; large is the ceiling, and what needs more is to be split.
 */
export enum Size {
  /** 0.25 vCPU and 256 MiB. */
  Small = "small",
  /** 1 vCPU and 1 GiB. */
  Medium = "medium",
  /** 4 vCPU and 8 GiB. */
  Large = "large",
}

export interface ContainerResources {
  /** CPU that each replica requests, e.g. `250m`; there is no limit, which would throttle a pod beside idle cores. */
  cpu: string;
  /** Memory that each replica requests and may use at most, e.g. `256Mi`. */
  memory: string;
}

const sizes: Record<Size, ContainerResources> = {
  [Size.Small]: { cpu: "250m", memory: "256Mi" },
  [Size.Medium]: { cpu: "1", memory: "1Gi" },
  [Size.Large]: { cpu: "4", memory: "8Gi" },
};

export const containerResources = (size: Size): ContainerResources => sizes[size];

/**
 * As Kubernetes takes it. The node's disk holds a container's logs and its /tmp alone: a limit keeps one that fills it from
 * evicting its neighbours.
 */
export function resourceRequirements({ cpu, memory }: ContainerResources) {
  return {
    requests: { cpu, memory, "ephemeral-storage": "256Mi" },
    limits: { memory, "ephemeral-storage": "1Gi" },
  };
}
