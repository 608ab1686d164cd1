import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import type { SecretKey } from "../secret-key";
import { authorityCertificateSpec, Certificate, Issuer, IssuerKind, type IssuerReference } from "./certificates";

export interface CertificateIssuerArgs {
  /** Name of the namespace whose certificates it issues. */
  namespace: pulumi.Input<string>;
  /** A public authority. Default: an authority of one's own, which only those trust that are given its certificate. */
  acme?: AcmeAuthority;
}

/** A public authority that issues for whoever can change the names' DNS, which is Cloudflare here. */
export interface AcmeAuthority {
  /** Where it writes before certificates expire. */
  email: pulumi.Input<string>;
  /** URL of its directory. Default Let's Encrypt. */
  server?: string;
  /** Secret of the namespace with a token of Cloudflare that may edit these zones' DNS, and nothing else. */
  cloudflareToken: SecretKey;
  /** DNS zones, e.g. `example.com`. Default: any that the token may edit. */
  zones?: string[];
}

/** Issues a namespace's certificates by cert-manager. */
export class CertificateIssuer extends pulumi.ComponentResource {
  readonly issuerName: pulumi.Output<string>;

  constructor(name: string, args: CertificateIssuerArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:CertificateIssuer", name, {}, options);
    refuse(`CertificateIssuer "${name}"`, issuerProblems(args));
    const issuer =
      args.acme === undefined ? this.ownAuthority(name, args.namespace) : this.acme(name, args.namespace, args.acme);
    this.issuerName = issuer.metadata.name;
    this.registerOutputs({ issuerName: this.issuerName });
  }

  /** For a certificate's `issuer`. */
  get reference(): IssuerReference {
    return { kind: IssuerKind.Issuer, name: this.issuerName };
  }

  private ownAuthority(name: string, namespace: pulumi.Input<string>): Issuer {
    const child = { parent: this };
    const secretName = `${name}-authority`;
    const selfSigned = new Issuer(
      `${name}-self-signed`,
      { metadata: { name: `${name}-self-signed`, namespace }, spec: { selfSigned: {} } },
      child,
    );
    const authority = new Certificate(
      `${name}-authority`,
      {
        metadata: { name: secretName, namespace },
        spec: authorityCertificateSpec(secretName, secretName, {
          kind: IssuerKind.Issuer,
          name: selfSigned.metadata.name,
        }),
      },
      child,
    );
    return new Issuer(
      `${name}-issuer`,
      { metadata: { name, namespace }, spec: { ca: { secretName } } },
      { ...child, dependsOn: [authority] },
    );
  }

  private acme(name: string, namespace: pulumi.Input<string>, acme: AcmeAuthority): Issuer {
    const { secretName, key } = acme.cloudflareToken;
    return new Issuer(
      `${name}-issuer`,
      {
        metadata: { name, namespace },
        spec: {
          acme: {
            server: acme.server ?? letsEncrypt,
            email: acme.email,
            privateKeySecretRef: { name: `${name}-account` },
            solvers: [
              {
                ...(acme.zones === undefined ? {} : { selector: { dnsZones: acme.zones } }),
                dns01: { cloudflare: { apiTokenSecretRef: { name: secretName, key } } },
              },
            ],
          },
        },
      },
      { parent: this },
    );
  }
}

const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

function issuerProblems({ acme }: CertificateIssuerArgs): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  if (acme?.server !== undefined && !acme.server.startsWith("https://")) {
    problems.push({ path: "acme.server", reason: `"${acme.server}" must be a URL with https` });
  }
  if (acme?.zones?.length === 0) problems.push({ path: "acme.zones", reason: "must name one zone at least" });
  return problems;
}
