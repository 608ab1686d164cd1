import * as pulumi from "@pulumi/pulumi";
import type { StoreEndpoint } from "../data/connection";
import { ServiceEntry, VirtualService } from "./istio";

export interface ExternalStoreArgs {
  /** Name of the mesh namespace whose services use it; no other namespace sees it. */
  namespace: pulumi.Input<string>;
  endpoint: StoreEndpoint;
}

/**
 * A database, cache or broker that is no pod of the cluster. Clients encrypt by themselves and proxies see connections only.
 * Hosts at one port are told apart by the name in the TLS greeting, or, where there is none, by the address that each proxy's
 * DNS gives to a host (`ISTIO_META_DNS_CAPTURE`, istiod's `PILOT_ENABLE_IP_AUTOALLOCATE`).
 */
export class ExternalStore extends pulumi.ComponentResource {
  constructor(name: string, args: ExternalStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ExternalStore", name, {}, options);
    const { host, port, startsWithTls = false } = args.endpoint;
    const protocol = startsWithTls ? "TLS" : "TCP";
    const metadata = { name, namespace: args.namespace };
    const child = { parent: this };
    new ServiceEntry(
      `${name}-service-entry`,
      {
        metadata,
        spec: {
          hosts: [host],
          ports: [{ number: port, name: protocol.toLowerCase(), protocol }],
          location: "MESH_EXTERNAL",
          resolution: "DNS",
          exportTo: ["."],
        },
      },
      child,
    );
    if (startsWithTls) {
      new VirtualService(
        `${name}-virtual-service`,
        {
          metadata,
          spec: {
            hosts: [host],
            gateways: ["mesh"],
            tls: [{ match: [{ port, sniHosts: [host] }], route: [{ destination: { host, port: { number: port } } }] }],
            exportTo: ["."],
          },
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}
