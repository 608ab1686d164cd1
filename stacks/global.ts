import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { AssetStore } from "../components";
import type { PlatformConfig } from "./config";

export interface GlobalOutputs {
  assets: pulumi.Output<string>;
}

/** What the regions share. */
export function buildGlobal({ cloudflareAccountId: accountId, environment }: PlatformConfig): GlobalOutputs {
  if (accountId === undefined) throw new pulumi.RunError("cloudflareAccountId: is missing");
  const providers = [new cloudflare.Provider("cloudflare", {})];
  const assets = new AssetStore("assets", { accountId, bucketName: `${environment}-assets` }, { providers });
  return { assets: assets.bucketName };
}
