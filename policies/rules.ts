import { leastPrivilege } from "./access";
import { boundedRoles } from "./aws-access";
import { auditedAccounts, endingLogs, privateClusters, rotatedKeys } from "./aws-clusters";
import { costTags } from "./aws-costs";
import { closedNetworks, flowLogs } from "./aws-networks";
import { lockedBackups, privateBuckets } from "./aws-stores";
import { boundedStores } from "./bounds";
import { circuitBreaker } from "./breaker";
import { disruptionBudget } from "./budgets";
import { bulkheadLimits } from "./bulkhead";
import { containedChaos } from "./chaos";
import type { Level, PackConfig } from "./config";
import { encryptedConnections } from "./connections";
import { consumerAlerts } from "./consumer-alerts";
import { hardenedContainers, pinnedImages } from "./containers";
import { deadLetters } from "./dead-letters";
import { sealedBindings } from "./edge-bindings";
import { edgeFailover, edgeHealthChecks } from "./edge-balancers";
import { safeEdgeCaching } from "./edge-caching";
import { edgeEncryption } from "./edge-encryption";
import { edgeFirewall } from "./edge-firewall";
import { closedSideDoors, hiddenOrigins } from "./edge-origins";
import { edgeDeadLetters } from "./edge-queues";
import { supportedTypes } from "./edge-types";
import { boundedWorkers, durableClasses, gradualRollouts, observedEdge } from "./edge-workers";
import { declaredEgress } from "./egress";
import { closedLoadBalancers, encryptedListeners } from "./gateways";
import { dedicatedIsolation, oneOwnerPerDatum } from "./isolation";
import { keptData } from "./kept-data";
import { defaultDeny, mutualTls } from "./mesh-security";
import type { Policy, ResourceUnderTest, Violation } from "./policy";
import { recoveryObjectives, scheduledBackups } from "./recovery";
import { redundantStores } from "./redundancy";
import { requestTimeouts } from "./requests";
import { gracefulShutdown } from "./shutdown";
import { zoneSpread } from "./spread";
import { encryptedStorage } from "./storage";
import { boundedTiers, tenantLimits } from "./tenants";
import { requiredToken } from "./tokens";
import { durableTopics } from "./topics";
import { healthProbes, minimumReplicas } from "./workloads";

export type { Exemption, Level, PackConfig } from "./config";
export type { Policy, ResourceUnderTest, Violation } from "./policy";

export const policies: readonly Policy[] = [
  minimumReplicas,
  healthProbes,
  bulkheadLimits,
  circuitBreaker,
  disruptionBudget,
  zoneSpread,
  gracefulShutdown,
  hardenedContainers,
  pinnedImages,
  requestTimeouts,
  mutualTls,
  defaultDeny,
  requiredToken,
  declaredEgress,
  encryptedListeners,
  closedLoadBalancers,
  containedChaos,
  dedicatedIsolation,
  oneOwnerPerDatum,
  durableTopics,
  deadLetters,
  consumerAlerts,
  encryptedConnections,
  encryptedStorage,
  leastPrivilege,
  redundantStores,
  scheduledBackups,
  recoveryObjectives,
  keptData,
  boundedStores,
  edgeEncryption,
  hiddenOrigins,
  closedSideDoors,
  edgeFirewall,
  safeEdgeCaching,
  edgeFailover,
  edgeHealthChecks,
  boundedWorkers,
  durableClasses,
  sealedBindings,
  gradualRollouts,
  observedEdge,
  edgeDeadLetters,
  boundedTiers,
  tenantLimits,
  supportedTypes,
  privateClusters,
  rotatedKeys,
  closedNetworks,
  flowLogs,
  privateBuckets,
  boundedRoles,
  lockedBackups,
  auditedAccounts,
  endingLogs,
  costTags,
];

/** A violation together with what it means for the deployment. */
export interface Verdict extends Violation {
  level: Exclude<Level, "disabled">;
}

/** Runs every policy over resources from anywhere; throws if the configuration is invalid. */
export function evaluate(
  resources: readonly ResourceUnderTest[],
  config: PackConfig = {},
  today: Date = new Date(),
): Verdict[] {
  const names = new Set(policies.map(({ metadata }) => metadata.name));
  const strangers = Object.keys(config).filter((name) => name !== "all" && !names.has(name));
  if (strangers.length > 0) {
    throw new Error(`no such policy: ${strangers.join(", ")}`);
  }
  return policies.flatMap(({ metadata, validate, resource, stack }) => {
    const { level, settings } = read(config, metadata.name);
    validate(settings);
    if (level === "disabled") {
      return [];
    }
    const found = [
      ...(resource ? resources.flatMap((each) => resource(each, settings, today)) : []),
      ...(stack ? stack(resources, settings, today) : []),
    ];
    // A resource's rule and the stack's may both see the same fault.
    const violations = new Map(found.map((violation) => [`${violation.urn} ${violation.message}`, violation]));
    return [...violations.values()].map((violation) => ({ ...violation, level }));
  });
}

function read(config: PackConfig, name: string): { level: Level; settings: object } {
  const given = config[name] ?? {};
  const { enforcementLevel, ...settings } = typeof given === "string" ? { enforcementLevel: given } : given;
  const all = typeof config["all"] === "string" ? config["all"] : undefined;
  const level = enforcementLevel ?? all ?? "mandatory";
  if (!["advisory", "mandatory", "disabled"].includes(level)) {
    throw new Error(`invalid configuration of policy "${name}": no such enforcement level: ${String(level)}`);
  }
  return { level, settings };
}
