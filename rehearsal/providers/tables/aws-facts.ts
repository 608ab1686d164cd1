import { createHash } from "node:crypto";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";
import type { Facts, Neighbours } from "./table";

/** When everything in the simulated cloud was made: a real date would change from run to run. */
export const creationTime = "2025-01-01T00:00:00Z";

/** Hexadecimal digits that stand for `text` in ids, addresses and the like. */
export const digest = (text: unknown, length: number): string =>
  createHash("sha256").update(String(text)).digest("hex").slice(0, length);

export const regionOf = ({ inputs, settings }: Facts): string => String(inputs.region ?? settings.region);

export function accountOf(settings: Properties): string {
  const allowed = settings.allowedAccountIds;
  // AWS's documentation account, unless the provider insists on another one.
  return Array.isArray(allowed) && allowed.length > 0 ? String(allowed[0]) : "123456789012";
}

export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

export const arn = (service: string, facts: Facts, resource: string, region = regionOf(facts)): string =>
  `arn:${partitionOf(regionOf(facts))}:${service}:${region}:${accountOf(facts.settings)}:${resource}`;

export function tagsAll({ inputs, settings }: Facts): Properties {
  const defaults = isObject(settings.defaultTags) ? settings.defaultTags.tags : undefined;
  return { ...(isObject(defaults) ? defaults : {}), ...(isObject(inputs.tags) ? inputs.tags : {}) };
}

export const ownerId = ({ settings }: Facts): string => accountOf(settings);

/** Regional types have the provider's region as an input, so that another region replaces them, as the real one does. */
export const regional = (settings: Properties): Properties => ({ region: settings.region });

/** AWS's answer to an id that isn't there, such as `InvalidVpcID.NotFound`. */
export function missing(neighbours: Neighbours, type: string, id: unknown, code: string): string | undefined {
  if (id === undefined || neighbours(type).some((one) => one.id === id)) return undefined;
  return `${code}: '${String(id)}' does not exist`;
}
