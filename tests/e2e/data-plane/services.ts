import {
  AgenticService,
  type AgenticServiceArgs,
  Bulkhead,
  callersOf,
  Protocol,
  type ServiceContract,
} from "../../../components";
import { onLoopback, type ProxyAddress, servicePort, withoutIdentities } from "./adapt";
import { emitted } from "./emitted";
import type { Envoy, EnvoyOptions } from "./envoy";
import { type Answer, type Call, send } from "./http";
import type { Mesh, MeshObject } from "./mesh";

/** What of a service these proofs vary; the rest is the component's default. */
export interface ServiceDefinition
  extends
    Pick<AgenticServiceArgs, "protocol" | "bulkhead" | "breaker" | "adaptive" | "faults" | "stores">,
    Pick<Partial<ServiceContract>, "dependencies" | "externalHosts"> {
  name: string;
}

/** Istio's objects of services that know each other by their contracts, as a region's stack makes them. */
export async function servicesObjects(services: ServiceDefinition[]): Promise<MeshObject[]> {
  const nodes = services.map(({ name, bulkhead = Bulkhead.Standard, dependencies = [] }) => ({
    name,
    bulkhead,
    dependencies,
  }));
  return emitted(() => {
    for (const { name, dependencies = [], externalHosts = [], ...traffic } of services) {
      const contract = {
        ...{ name, version: "1.0.0", capabilities: ["serve"], owns: [], publishes: [], consumes: [] },
        ...{ dependencies, externalHosts },
        // The kubelet asks there; no proxy of these proofs has to do with it.
        ...(traffic.protocol === Protocol.Http2 ? { health: { port: 8081 } } : {}),
      };
      const callers = callersOf(name, nodes);
      new AgenticService(name, {
        namespace: "shop",
        image: "registry.example/service:1",
        contract,
        callers,
        ...traffic,
      });
    }
  });
}

/** A service as its dependencies meet it: its proxy, and calls through it. */
export class Caller {
  constructor(
    readonly proxy: Envoy,
    private readonly address: string,
  ) {}

  /** Calls a service of the shop. */
  call(service: string, call: Call = {}): Promise<Answer> {
    const host = `${service}.shop.svc.cluster.local:${servicePort}`;
    return send(servicePort, { ...call, address: this.address, headers: { ...call.headers, host } });
  }

  /** Calls a service a number of times at once. */
  burst(count: number, service: string, call: Call = {}): Promise<Answer>[] {
    return Array.from({ length: count }, () => this.call(service, call));
  }

  /** A counter or gauge of a pool to a service, e.g. `upstream_rq_pending_active`. */
  pool(service: string, bulkhead: Bulkhead, stat: string): Promise<number> {
    const cluster = `outbound|${servicePort}|${bulkhead}|${service}.shop.svc.cluster.local`;
    return this.proxy.stat(`cluster.${cluster};.${stat}`);
  }
}

/** Applies the services' objects and the workloads, and starts a proxy for each service that has an address. */
export async function startCallers<Name extends string>(
  mesh: Pick<Mesh, "apply" | "proxy">,
  services: ServiceDefinition[],
  addresses: Record<Name, ProxyAddress>,
  workloads: MeshObject[],
  options: Partial<EnvoyOptions> = {},
  port = servicePort,
): Promise<Record<Name, Caller>> {
  const objects = onLoopback(await servicesObjects(services), addresses);
  mesh.apply([...withoutIdentities.applied(objects), ...workloads]);
  const callers = Object.entries<ProxyAddress>(addresses).map(async ([name, { address }]) => {
    const proxy = await mesh.proxy({ ...options, name }, `${address}:${port}`);
    return [name, new Caller(proxy, address)];
  });
  return Object.fromEntries(await Promise.all(callers)) as Record<Name, Caller>;
}
