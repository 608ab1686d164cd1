import * as pulumi from "@pulumi/pulumi";
import type { BreakerArgs } from "./breaker";
import { Bulkhead, Protocol } from "./bulkheads";
import { DestinationRule, ServiceEntry, VirtualService } from "./istio";
import { bulkheadSubsets, type Caller, httpRoutes, reachingBulkheads, trafficPolicy } from "./routing";

export interface ExternalHostArgs {
  /** Name of the mesh namespace whose services call it; no other namespace sees it. */
  namespace: pulumi.Input<string>;
  /** Name in public DNS, e.g. `api.example.com`. */
  host: string;
  /** Services that declared it: each has pools of its own. */
  callers: Caller[];
  breaker?: BreakerArgs;
}

/**
 * A host outside the mesh. Services call it as `http://<host>`, their proxies turn that into TLS on port 443 and check its
 * certificate: so timeouts, retries, bulkheads and the breaker see requests and status codes, not an encrypted stream.
 */
export class ExternalHost extends pulumi.ComponentResource {
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: ExternalHostArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ExternalHost", name, {}, options);
    const { host, callers } = args;
    const child = { parent: this };
    const metadata = { name: host, namespace: args.namespace };
    const bulkhead = Bulkhead.Standard;

    new ServiceEntry(
      `${name}-service-entry`,
      {
        metadata,
        spec: {
          hosts: [host],
          ports: [{ number: 80, targetPort: 443, name: "http", protocol: "HTTP" }],
          location: "MESH_EXTERNAL",
          resolution: "DNS",
          exportTo: ["."],
        },
      },
      child,
    );

    new DestinationRule(
      `${name}-destination-rule`,
      {
        metadata,
        spec: {
          host,
          trafficPolicy: {
            ...trafficPolicy(Protocol.Http1, bulkhead, args.breaker ?? {}),
            tls: { mode: "SIMPLE", sni: host, subjectAltNames: [host] },
          },
          subsets: bulkheadSubsets(Protocol.Http1, reachingBulkheads(callers, bulkhead)),
          exportTo: ["."],
        },
      },
      child,
    );

    new VirtualService(
      `${name}-virtual-service`,
      {
        metadata,
        spec: {
          hosts: [host],
          gateways: ["mesh"],
          http: httpRoutes({ host, callers, bulkhead, faults: [] }),
          exportTo: ["."],
        },
      },
      child,
    );

    this.host = pulumi.output(host);
    this.registerOutputs({ host: this.host });
  }
}
