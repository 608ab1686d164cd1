import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import { type BulkheadExposure, bulkheadExposure, inboundLimits, type ReplicaRange } from "../mesh/bulkheads";
import { callPolicy } from "../mesh/call-policy";
import { reachingBulkheads } from "../mesh/routing";
import { dependencyDeadline, healthPaths, metricsPath, type ServiceContract } from "./contract";
import { callersOf, contractGraphProblems, type ServiceNode } from "./contract-graph";

export interface RegisteredService extends ServiceNode {
  contract: ServiceContract;
  replicas: ReplicaRange;
}

export interface ContractRegistryArgs {
  /** Name of the services' namespace. */
  namespace: pulumi.Input<string>;
  services: RegisteredService[];
}

/**
 * All contracts of a region in one ConfigMap, `contracts`, a key a service: what it can do, whom it calls under which
 * bounds, who calls it, and how many of their requests can meet at its replicas.
 */
export class ContractRegistry extends pulumi.ComponentResource {
  readonly configMapName: pulumi.Output<string>;

  constructor(name: string, args: ContractRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ContractRegistry", name, {}, options);
    refuse(`ContractRegistry "${name}"`, registryProblems(args.services));
    const configMap = new kubernetes.core.v1.ConfigMap(
      `${name}-contracts`,
      {
        metadata: { name: "contracts", namespace: args.namespace, labels: { "omega-platform/registry": "contracts" } },
        data: Object.fromEntries(
          args.services.map((service) => [
            `${service.name}.json`,
            JSON.stringify(publishedContract(service, args.services), undefined, 2),
          ]),
        ),
      },
      { parent: this },
    );
    this.configMapName = configMap.metadata.name;
    this.registerOutputs({ configMapName: this.configMapName });
  }
}

const registryProblems = (services: RegisteredService[]): ArgumentProblem[] =>
  contractGraphProblems(services).map(({ path, reason }) => ({ path: `services${path}`, reason }));

interface PublishedCaller {
  service: string;
  bulkhead: string;
  exposure: BulkheadExposure;
}

/** A contract with everything that its defaults and the other contracts say about it. */
export function publishedContract({ contract, bulkhead, replicas }: RegisteredService, all: RegisteredService[]) {
  const callers = callersOf(contract.name, all);
  return {
    ...contract,
    bulkhead,
    health: healthPaths(contract),
    metricsPath: metricsPath(contract),
    dependencies: contract.dependencies.map((dependency) => ({
      ...dependency,
      ...callPolicy(dependency),
      deadlineMilliseconds: dependencyDeadline(dependency),
    })),
    externalHosts: (contract.externalHosts ?? []).map((external) => ({ ...external, ...callPolicy(external) })),
    acceptedPerReplica: inboundLimits(reachingBulkheads(callers, bulkhead)),
    callers: callers.flatMap(({ service, calls = [] }) => {
      const caller = all.find(({ name }) => name === service);
      if (caller === undefined) return [];
      return calls.map((call): PublishedCaller => ({
        service,
        bulkhead: call.bulkhead,
        exposure: bulkheadExposure(call.bulkhead, caller.replicas, replicas),
      }));
    }),
  };
}
