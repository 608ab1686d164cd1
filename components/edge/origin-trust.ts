import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformZone } from "../tenancy/tenant-directory";

export interface OriginTrustArgs {
  zone: PlatformZone;
  /**
   * The zone's own client certificate, of an authority that issues for nobody else: it is what the gateways know as
   * `clientAuthority`. Default: the one that Cloudflare shows for all of its customers, which proves that the request came
   * through Cloudflare, and not through whose zone.
   */
  client?: ClientCertificate;
}

export interface ClientCertificate {
  /** PEM. */
  certificate: pulumi.Input<string>;
  /** PEM. Kept as a secret in the state, whether it comes as one or not. */
  privateKey: pulumi.Input<string>;
}

/**
 * By what a region knows that a request came through the edge: a client certificate that Cloudflare shows to whatever it
 * fetches from (authenticated origin pulls), for the Worker's requests as for all others of the zone.
 */
export class OriginTrust extends pulumi.ComponentResource {
  constructor(name: string, args: OriginTrustArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:OriginTrust", name, {}, options);
    const { zone, client } = args;
    const child = { parent: this };
    const certificates =
      client === undefined
        ? []
        : [
            new cloudflare.AuthenticatedOriginPullsCertificate(
              `${name}-certificate`,
              { zoneId: zone.id, certificate: client.certificate, privateKey: pulumi.secret(client.privateKey) },
              child,
            ),
          ];
    new cloudflare.AuthenticatedOriginPullsSettings(
      `${name}-settings`,
      { zoneId: zone.id, enabled: true },
      { ...child, dependsOn: certificates },
    );
    this.registerOutputs({});
  }
}
