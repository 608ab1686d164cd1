import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { dataOptions, type ProtectionArgs } from "../data/protection";
import type { PlatformZone } from "../tenancy/tenant-directory";

export interface AssetStoreArgs extends ProtectionArgs {
  /** Cloudflare account that owns the bucket. */
  accountId: pulumi.Input<string>;
  /** Name of the bucket, unique in the account. */
  bucketName: pulumi.Input<string>;
  /** Where most readers are; honoured only when the bucket is first made. */
  location?: pulumi.Input<string>;
  /** Host of its own, at which everybody may read. Default: it is read by the Worker alone. */
  publicHost?: PublicHost;
}

export interface PublicHost {
  zone: PlatformZone;
  /** In the zone, e.g. `assets.shop.example`. */
  host: string;
}

/** Days after which an upload that nobody ended is thrown away. */
const uploadDays = 7;
const daySeconds = 86_400;

/**
 * R2 bucket for static assets: no charge for traffic out, whatever the number of users. The name of each holds its version, so
 * that nothing has to be purged when a new one comes.
 */
export class AssetStore extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: AssetStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AssetStore", name, {}, options);
    const { accountId, publicHost } = args;
    const child = { parent: this };
    const bucket = new cloudflare.R2Bucket(
      `${name}-bucket`,
      {
        ...{ accountId, name: args.bucketName },
        ...(args.location === undefined ? {} : { location: args.location }),
      },
      // Cloudflare deletes no bucket that holds objects; this also keeps an empty one.
      { ...child, ...dataOptions(args) },
    );
    new cloudflare.R2BucketLifecycle(
      `${name}-lifecycle`,
      {
        ...{ accountId, bucketName: bucket.name },
        rules: [
          {
            ...{ id: "unfinished-uploads", enabled: true, conditions: { prefix: "" } },
            abortMultipartUploadsTransition: { condition: { type: "Age", maxAge: uploadDays * daySeconds } },
          },
        ],
      },
      child,
    );
    if (publicHost !== undefined) {
      const { zone, host } = publicHost;
      new cloudflare.R2CustomDomain(
        `${name}-domain`,
        { ...{ accountId, bucketName: bucket.name, domain: host, zoneId: zone.id }, enabled: true, minTls: "1.2" },
        child,
      );
    }
    this.bucketName = bucket.name;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
