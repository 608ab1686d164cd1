import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { dataOptions, type ProtectionArgs } from "../data/protection";

export interface AssetStoreArgs extends ProtectionArgs {
  /** Cloudflare account that owns the bucket. */
  accountId: pulumi.Input<string>;
  /** Name of the bucket, unique in the account. */
  bucketName: pulumi.Input<string>;
  /** Where most readers are; honoured only when the bucket is first made. */
  location?: pulumi.Input<string>;
}

/** R2 bucket for static assets: no charge for traffic out, whatever the number of users. */
export class AssetStore extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: AssetStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AssetStore", name, {}, options);
    const bucket = new cloudflare.R2Bucket(
      `${name}-bucket`,
      {
        accountId: args.accountId,
        name: args.bucketName,
        ...(args.location === undefined ? {} : { location: args.location }),
      },
      // Cloudflare deletes no bucket that holds objects; this also keeps an empty one.
      { parent: this, ...dataOptions(args) },
    );
    this.bucketName = bucket.name;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
