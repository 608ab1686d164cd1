import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { deletableAnnotations, type ProtectionArgs } from "./protection";
import { inNamespace, toDns, toPodIdentityAgent } from "../service/network-policy";

export enum PodSecurity {
  Restricted = "restricted",
  /** For pods of operators that leave out what "restricted" asks for, though they would do without it. */
  Baseline = "baseline",
}

export interface DataNamespaceArgs extends ProtectionArgs {
  /** The namespace's own name. */
  name: string;
  /** Further labels, e.g. environment and region. */
  labels?: Record<string, pulumi.Input<string>>;
  /** Pod Security Standard of its pods. Default restricted. */
  podSecurity?: PodSecurity;
  /** Whether its pods reach hosts outside the cluster by HTTPS: object stores for backups, a cloud's API. Default false. */
  reachesOutside?: boolean;
}

/**
 * A namespace of stores. Outside the mesh, for they encrypt and authenticate by themselves; its pods reach each other, names,
 * the cluster's API and nothing else, and nobody reaches them but Prometheus and those that a component's own policy names.
 */
export class DataNamespace extends pulumi.ComponentResource {
  readonly namespaceName: pulumi.Output<string>;

  constructor(name: string, args: DataNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:DataNamespace", name, {}, options);
    const namespace = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.name,
          annotations: deletableAnnotations(args),
          labels: { ...args.labels, "pod-security.kubernetes.io/enforce": args.podSecurity ?? PodSecurity.Restricted },
        },
      },
      { parent: this },
    );
    this.namespaceName = namespace.metadata.name;
    const ownPods = { podSelector: {} };
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-default-deny`,
      {
        metadata: { name: "default-deny", namespace: this.namespaceName },
        spec: {
          podSelector: {},
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [ownPods, inNamespace("monitoring")] }],
          egress: [
            toDns,
            { to: [ownPods] },
            { to: apiServer, ports: https },
            ...(args.reachesOutside === true ? [{ ports: https }, toPodIdentityAgent] : []),
          ],
        },
      },
      { parent: this },
    );
    this.registerOutputs({ namespaceName: this.namespaceName });
  }
}

/** The cluster's API, which what tends a store watches, is at a private address; which one, the cluster alone knows. */
const apiServer = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidr) => ({ ipBlock: { cidr } }));
const https = [443, 6443].map((port) => ({ port, protocol: "TCP" }));
