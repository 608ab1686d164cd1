import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AuthorizationPolicy, MutualTlsMode, PeerAuthentication } from "./istio";

export interface MeshNamespaceArgs {
  /** The namespace's own name. */
  name: string;
  /** Further labels, e.g. environment and owner. */
  labels?: Record<string, pulumi.Input<string>>;
  /** Whether Chaos Mesh may inject faults into its pods. Default no. */
  allowsExperiments?: boolean;
  /** A private registry that the namespace's images come from. */
  imageRegistry?: ImageRegistry;
}

export interface ImageRegistry {
  /** Host name, e.g. `ghcr.io`. */
  server: pulumi.Input<string>;
  username: pulumi.Input<string>;
  /** Kept as a secret in the state, whether it comes as one or not. */
  password: pulumi.Input<string>;
}

/**
 * A namespace whose pods join the mesh: sidecars injected, mutual TLS required, every request denied until a policy
 * allows it, the same on the network below, and pods held to the "restricted" Pod Security Standard.
 */
export class MeshNamespace extends pulumi.ComponentResource {
  readonly namespaceName: pulumi.Output<string>;
  /** Secret with the registry's credentials, if there is a private one. */
  readonly imagePullSecretName: pulumi.Output<string> | undefined;

  constructor(name: string, args: MeshNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:MeshNamespace", name, {}, options);

    const namespace = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.name,
          ...(args.allowsExperiments === true ? { annotations: { "chaos-mesh.org/inject": "enabled" } } : {}),
          labels: {
            ...args.labels,
            "istio-injection": "enabled",
            "pod-security.kubernetes.io/enforce": "restricted",
          },
        },
      },
      { parent: this },
    );
    const inNamespace = { namespace: namespace.metadata.name };

    new PeerAuthentication(
      `${name}-mutual-tls`,
      { metadata: { name: "default", ...inNamespace }, spec: { mtls: { mode: MutualTlsMode.Strict } } },
      { parent: this },
    );
    new AuthorizationPolicy(
      `${name}-default-deny`,
      { metadata: { name: "default-deny", ...inNamespace }, spec: {} },
      { parent: this },
    );
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-default-deny`,
      {
        metadata: { name: "default-deny", ...inNamespace },
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      { parent: this },
    );

    if (args.imageRegistry !== undefined) {
      this.imagePullSecretName = new kubernetes.core.v1.Secret(
        `${name}-image-registry`,
        {
          metadata: { name: "image-registry", ...inNamespace },
          type: "kubernetes.io/dockerconfigjson",
          stringData: { ".dockerconfigjson": dockerConfiguration(args.imageRegistry) },
        },
        { parent: this },
      ).metadata.name;
    }

    this.namespaceName = namespace.metadata.name;
    this.registerOutputs({ namespaceName: this.namespaceName, imagePullSecretName: this.imagePullSecretName });
  }
}

function dockerConfiguration({ server, username, password }: ImageRegistry): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.jsonStringify({
      auths: pulumi.all([server, username, password]).apply(([host, user, secret]) => ({
        [host]: { username: user, password: secret, auth: Buffer.from(`${user}:${secret}`).toString("base64") },
      })),
    }),
  );
}
