import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { AssetStore } from "../components";
import type { PlatformConfig } from "./config";
import { protectsData } from "./protection";

export interface GlobalOutputs {
  assets: pulumi.Output<string>;
}

/** What the regions share. */
export function buildGlobal(config: PlatformConfig): GlobalOutputs {
  const { cloudflareAccountId: accountId, environment } = config;
  if (accountId === undefined) throw new pulumi.RunError("cloudflareAccountId: is missing");
  const providers = [new cloudflare.Provider("cloudflare", {})];
  const bucket = { accountId, bucketName: `${environment}-assets`, protectData: protectsData(config) };
  const assets = new AssetStore("assets", bucket, { providers });
  return { assets: assets.bucketName };
}
