import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "./config";
import { buildAssets, buildEdge, type EdgeOutputs } from "./edge";
import { Scope } from "./schema";

/** Names in DNS or IP addresses of gateways, by region. */
export type GatewayAddresses = Readonly<Record<string, string>>;

/**
 * What the stacks of the regions, `<this stack>-<region>`, say of their gateways; nothing where this stack needs none.
 *
 * @throws pulumi.RunError that names every stack without a gateway
 */
export async function gatewayAddresses({ scope, edge, regions }: PlatformConfig): Promise<GatewayAddresses> {
  if (scope !== Scope.Global || edge === undefined) return {};
  const stackOf = (region: string) => `${pulumi.getStack()}-${region}`;
  const found = await Promise.all(
    regions.map(async ({ name }) => {
      const path = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stackOf(name)}`;
      const { value } = await new pulumi.StackReference(path).getOutputDetails("gateway");
      return [name, typeof value === "string" && value !== "" ? value : undefined] as const;
    }),
  );
  const missing = found.filter(([, address]) => address === undefined).map(([name]) => stackOf(name));
  if (missing.length > 0) {
    throw new pulumi.RunError(`without an output "gateway", so update them first: ${missing.join(", ")}`);
  }
  return Object.fromEntries(found.flatMap(([name, address]) => (address === undefined ? [] : [[name, address]])));
}

/** What the regions share: what stands before them. */
export function buildGlobal(config: PlatformConfig, addresses: GatewayAddresses): EdgeOutputs {
  const { cloudflareAccountId: accountId, edge, scope } = config;
  if (accountId === undefined) throw new pulumi.RunError(`cloudflareAccountId: is missing where scope is ${scope}`);
  if (edge === undefined) {
    const providers = [new cloudflare.Provider("cloudflare", {})];
    return { assets: buildAssets(config, accountId, { providers }).bucketName };
  }
  return buildEdge(edge, config, accountId, (region) => addresses[region] ?? "");
}
