import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "./config";
import { buildEdge, type EdgeOutputs } from "./edge";
import { buildGlobal, type GatewayAddresses } from "./global";
import { buildRegion, type RegionOutputs } from "./region";
import { Scope } from "./schema";

/**
 * Builds what the stack's scope says: everything in one, one region, or what the regions share.
 *
 * @param addresses of the regions' gateways, for what they share
 */
export function buildPlatform(
  config: PlatformConfig,
  addresses: GatewayAddresses = {},
): (RegionOutputs & Partial<EdgeOutputs>) | EdgeOutputs {
  if (config.scope === Scope.Global) return buildGlobal(config, addresses);
  const region =
    config.scope === Scope.Single ? config.regions[0] : config.regions.find(({ name }) => name === config.region);
  if (region === undefined) throw new pulumi.RunError(`region: ${String(config.region)} is not one of the regions`);
  const built = buildRegion(config, region);
  const { edge, cloudflareAccountId: accountId } = config;
  if (config.scope !== Scope.Single || edge === undefined || accountId === undefined) return built;
  const { gateway } = built;
  if (gateway === undefined) throw new pulumi.RunError("gateway: is missing: the edge has nobody to ask without one");
  return { ...built, ...buildEdge(edge, config, accountId, () => gateway) };
}
