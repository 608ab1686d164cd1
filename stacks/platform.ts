import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "./config";
import { buildGlobal, type GlobalOutputs } from "./global";
import { buildRegion, type RegionOutputs } from "./region";
import { Scope } from "./schema";

/** Builds what the stack's scope says: everything in one, one region, or what the regions share. */
export function buildPlatform(config: PlatformConfig): RegionOutputs | GlobalOutputs {
  if (config.scope === Scope.Global) return buildGlobal(config);
  const region =
    config.scope === Scope.Single ? config.regions[0] : config.regions.find(({ name }) => name === config.region);
  if (region === undefined) throw new pulumi.RunError(`region: ${String(config.region)} is not one of the regions`);
  return buildRegion(config, region);
}
