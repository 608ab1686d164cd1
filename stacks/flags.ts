import type * as pulumi from "@pulumi/pulumi";
import { flagProblems } from "../components/flags/flag-problems";
import { FlagStore } from "../components/flags/flag-store";
import { tierLimits } from "../components/gateway/rate-limits";
import type { ConfigurationError } from "./configuration-error";
import { protectsData } from "./protection";
import type { PlatformSections } from "./schema";
import type { FlagsSection } from "./schema/flags";
import type { TenantsSection } from "./schema/tenants";

interface Sections extends Pick<PlatformSections, "gateway"> {
  flags: FlagsSection;
  tenants: TenantsSection;
}

/** What flags may refer to: tenants, and the tiers that tokens can name. */
const surroundingsOf = ({ tenants, gateway }: Sections) => ({
  tenants: tenants.map(({ id }) => id),
  tiers: tierLimits(gateway?.rateLimits.requestsPerMinute).map(({ tier }) => tier),
});

/** Rules of flags, and between them and tenants. */
export function flagErrors(sections: Sections): ConfigurationError[] {
  return flagProblems(sections.flags, surroundingsOf(sections));
}

export function buildFlags(
  config: Sections & Pick<PlatformSections, "environment" | "allowDataDeletion" | "scope">,
  accountId: pulumi.Input<string>,
  options: pulumi.ComponentResourceOptions,
): FlagStore {
  const { environment, flags } = config;
  const protectData = protectsData(config);
  const args = { accountId, title: `${environment}-flags`, flags, protectData, ...surroundingsOf(config) };
  return new FlagStore("flags", args, options);
}
