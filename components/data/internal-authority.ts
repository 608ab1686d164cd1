import * as pulumi from "@pulumi/pulumi";
import {
  authorityCertificateSpec,
  Certificate,
  clientCertificateSpec,
  ClusterIssuer,
  IssuerKind,
  type IssuerReference,
} from "../certificates/certificates";

export interface InternalAuthorityArgs {
  /** Namespace of cert-manager, where it keeps what cluster-wide issuers use. Default `cert-manager`. */
  namespace?: string;
}

/**
 * The authority of a region's stores: their servers' certificates come from it, in whatever namespace they are, and each
 * namespace of clients gets a Secret that holds its certificate (`ca.crt`), to check them against.
 */
export class InternalAuthority extends pulumi.ComponentResource {
  /** Name of its ClusterIssuer. */
  readonly issuerName: pulumi.Output<string>;

  constructor(name: string, args: InternalAuthorityArgs = {}, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:InternalAuthority", name, {}, options);
    const { namespace = "cert-manager" } = args;
    const secretName = `${name}-authority`;
    const child = { parent: this };
    const selfSigned = new ClusterIssuer(
      `${name}-self-signed`,
      { metadata: { name: `${name}-self-signed` }, spec: { selfSigned: {} } },
      child,
    );
    const authority = new Certificate(
      `${name}-authority`,
      {
        metadata: { name: secretName, namespace },
        spec: authorityCertificateSpec(secretName, secretName, {
          kind: IssuerKind.ClusterIssuer,
          name: selfSigned.metadata.name,
        }),
      },
      child,
    );
    this.issuerName = new ClusterIssuer(
      `${name}-issuer`,
      { metadata: { name }, spec: { ca: { secretName } } },
      { ...child, dependsOn: [authority] },
    ).metadata.name;
    this.registerOutputs({ issuerName: this.issuerName });
  }

  /** For a certificate's `issuer`. */
  get reference(): IssuerReference {
    return { kind: IssuerKind.ClusterIssuer, name: this.issuerName };
  }

  /**
   * What the clients of a namespace trust; gives the name of its Secret. A certificate of their own comes with it, which no
   * store asks for: cert-manager writes an authority's certificate beside one that it issued, and nowhere else.
   */
  trustIn(namespaceName: string, namespace: pulumi.Input<string>): string {
    const secretName = "stores-trust";
    new Certificate(
      `${namespaceName}-stores-trust`,
      {
        metadata: { name: secretName, namespace },
        spec: clientCertificateSpec(secretName, `${namespaceName}-clients`, this.reference),
      },
      { parent: this },
    );
    return secretName;
  }
}
