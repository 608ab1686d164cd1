import type { Bulkhead } from "../mesh/bulkheads";
import { podPriority, priorityClassName } from "../mesh/bulkheads";
import { containerResources, type Size } from "../service/size";
import { TenantTier, tiers } from "./tenant";

/** What each tenant of a tier may have of a region. */
export interface TierAllowance {
  /** Of the pool of its tier; a unit is 0.1 vCPU and 256 MiB. From 1 to 1 million. */
  computeUnits: number;
  /** Of data, in GiB, in all services together. From 1 to 1 million. */
  gibibytes: number;
}

export type TierAllowances = Readonly<Record<TenantTier, TierAllowance>>;

/** The architecture's. */
export const defaultAllowances: TierAllowances = {
  [TenantTier.Free]: { computeUnits: 10, gibibytes: 1 },
  [TenantTier.Pro]: { computeUnits: 100, gibibytes: 50 },
  [TenantTier.Enterprise]: { computeUnits: 1000, gibibytes: 500 },
};

/** The architecture does not say what a compute unit is; it is ours, and the ratio of general-purpose machines is within it. */
export const computeUnit = { milliCpu: 100, mebibytes: 256 };

/** What istiod gives a proxy without annotations: https://github.com/istio/istio, manifests/charts/istio-control/istio-discovery/values.yaml. */
const proxy = { milliCpu: 100, mebibytes: 128 };

const milliCpu = (cpu: string): number => (cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : 1000 * Number(cpu));
const mebibytes = (memory: string): number =>
  memory.endsWith("Gi") ? 1024 * Number(memory.slice(0, -2)) : Number(memory.slice(0, -2));

/** Compute units that a replica of a size requests with its proxy, rounded up: of CPU or memory, whichever is more. */
export function replicaUnits(size: Size): number {
  const { cpu, memory } = containerResources(size);
  return Math.ceil(
    Math.max(
      (milliCpu(cpu) + proxy.milliCpu) / computeUnit.milliCpu,
      (mebibytes(memory) + proxy.mebibytes) / computeUnit.mebibytes,
    ),
  );
}

/** Units that a pool may come to request: while it is rolled out, there are a quarter more replicas, rounded up. */
export const poolUnits = (replicas: number, size: Size): number =>
  (replicas + Math.ceil(replicas / 4)) * replicaUnits(size);

/** Units of a tier's pools together. A tier without a tenant has room for its first one. */
export const tierUnits = ({ computeUnits }: TierAllowance, tenants: number): number =>
  computeUnits * Math.max(1, tenants);

/** As a ResourceQuota has them, in the form that the API server keeps: another one would look like drift. */
export function quotaOf(units: number): Record<string, string> {
  const [cpu, memory] = [units * computeUnit.milliCpu, units * computeUnit.mebibytes];
  return {
    "requests.cpu": cpu % 1000 === 0 ? String(cpu / 1000) : `${cpu}m`,
    "requests.memory": memory % 1024 === 0 ? `${memory / 1024}Gi` : `${memory}Mi`,
  };
}

/** Name of the PriorityClass of pods that serve one tier alone; the ResourceQuota of the tier counts pods by it. */
export const tierPriorityClassName = (bulkhead: Bulkhead, tier: string): string =>
  `${priorityClassName(bulkhead)}-${tier}`;

/** Within its class of requests, a higher tier is placed first; no tier gets before a higher class: those are ten times apart. */
export const tierPodPriority = (bulkhead: Bulkhead, tier: TenantTier): number =>
  podPriority(bulkhead) + 100 * (1 + tiers.indexOf(tier));
