import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { meshTelemetryConfig } from "../observability/mesh-telemetry";
import { AuthorizationPolicy, MutualTlsMode, PeerAuthentication } from "./istio";

export interface ServiceMeshArgs {
  /** Version of Istio's charts. Default 1.31.4. */
  version?: pulumi.Input<string>;
  /** Namespace of an `Observability`, which proxies report to. Default: none; they keep no traces. */
  observabilityNamespace?: string;
}

const chartRepository = "https://istio-release.storage.googleapis.com/charts";
const rootNamespace = "istio-system";

/**
 * Istio in one cluster: its CRDs, control plane and CNI plug-in, mutual TLS required and every request denied until a
 * policy allows it, mesh-wide.
 */
export class ServiceMesh extends pulumi.ComponentResource {
  /** Namespace of Istio's control plane; mesh-wide policies live there. */
  readonly rootNamespace: pulumi.Output<string>;

  constructor(name: string, args: ServiceMeshArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ServiceMesh", name, {}, options);
    const version = args.version ?? "1.31.4";

    const namespace = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: rootNamespace, labels: { "pod-security.kubernetes.io/enforce": "privileged" } } },
      { parent: this },
    );

    const release = (chart: string, values: pulumi.Inputs, dependsOn: pulumi.Resource[]) =>
      new kubernetes.helm.v3.Release(
        `${name}-${chart}`,
        {
          name: `istio-${chart}`,
          chart,
          version,
          namespace: namespace.metadata.name,
          repositoryOpts: { repo: chartRepository },
          atomic: true,
          values,
        },
        { parent: this, dependsOn },
      );
    const base = release("base", {}, []);
    // The CNI plug-in redirects traffic in place of a privileged init container, so namespaces can enforce "restricted".
    const cni = release("cni", {}, [base]);
    const controlPlane = release(
      "istiod",
      {
        pilot: {
          cni: { enabled: true },
          autoscaleMin: 2,
          podDisruptionBudget: { minAvailable: 1 },
          // As an init container that goes on running, a proxy lets the pod of a task end with its task.
          env: { ENABLE_NATIVE_SIDECARS: "true" },
        },
        // Namespaces that are held to "restricted" would refuse its containers where the pod itself sets none.
        global: { proxy: { seccompProfile: { type: "RuntimeDefault" } } },
        meshConfig: {
          outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
          ...(args.observabilityNamespace === undefined ? {} : meshTelemetryConfig(args.observabilityNamespace)),
        },
      },
      [base, cni],
    );

    const policyOptions = { parent: this, dependsOn: [controlPlane] };
    new PeerAuthentication(
      `${name}-mutual-tls`,
      {
        metadata: { name: "default", namespace: namespace.metadata.name },
        spec: { mtls: { mode: MutualTlsMode.Strict } },
      },
      policyOptions,
    );
    new AuthorizationPolicy(
      `${name}-default-deny`,
      { metadata: { name: "default-deny", namespace: namespace.metadata.name }, spec: {} },
      policyOptions,
    );

    this.rootNamespace = namespace.metadata.name;
    this.registerOutputs({ rootNamespace: this.rootNamespace });
  }
}
