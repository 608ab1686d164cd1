import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "./config";
import { buildAssets, buildEdge, type EdgeOutputs } from "./edge";

/** What the regions share: what stands before them, found by their own stacks' outputs. */
export function buildGlobal(config: PlatformConfig): EdgeOutputs {
  const { cloudflareAccountId: accountId, edge, scope } = config;
  if (accountId === undefined) throw new pulumi.RunError(`cloudflareAccountId: is missing where scope is ${scope}`);
  if (edge === undefined) {
    const providers = [new cloudflare.Provider("cloudflare", {})];
    return { assets: buildAssets(config, accountId, { providers }).bucketName };
  }
  return buildEdge(edge, config, accountId, (region) => {
    const stack = `${pulumi.getStack()}-${region}`;
    const reference = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`);
    return {
      gateway: reference.getOutput("gateway").apply((gateway: unknown) => {
        if (typeof gateway === "string") return gateway;
        throw new pulumi.RunError(`the stack ${stack} has no output "gateway": update it first`);
      }),
    };
  });
}
