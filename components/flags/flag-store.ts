import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { dataOptions, type ProtectionArgs } from "../data/protection";
import { keyValueTitle } from "../edge/key-value-title";
import { tiers as tenantTiers } from "../tenancy/tenant";
import type { Flag } from "./flag";
import { flagProblems } from "./flag-problems";
import { canonicalText, flagSet, flagsKey } from "./flag-set";

export interface FlagStoreArgs extends ProtectionArgs {
  /** Cloudflare account of the Worker that evaluates the flags. */
  accountId: pulumi.Input<string>;
  /** Name of the key-value store, unique in the account. Default: `<project>-<stack>-<component's name>`. */
  title?: pulumi.Input<string>;
  /** By their keys. What they refer to must be there. */
  flags: Record<string, Flag>;
  /** Ids of the tenants that flags may name. Default none. */
  tenants?: string[];
  /** Names of the tiers that flags may name. Default free, pro and enterprise. */
  tiers?: string[];
}

/**
 * The platform's flags, where the edge reads them: a change is everywhere within a minute, which is how long Cloudflare's
 * key-value store takes. Services ask the edge for them by OFREP.
 */
export class FlagStore extends pulumi.ComponentResource {
  /** For the Worker's binding. */
  readonly namespaceId: pulumi.Output<string>;
  /** Of the flags: it is in each answer, so that one can tell which flags gave it. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: FlagStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:FlagStore", name, {}, options);
    const { accountId, title = keyValueTitle(name), flags, tenants = [], tiers = tenantTiers } = args;
    refuse(`FlagStore "${name}"`, flagProblems(flags, { tenants, tiers }));
    const namespace = new cloudflare.WorkersKvNamespace(
      `${name}-namespace`,
      { accountId, title },
      { parent: this, ...dataOptions(args) },
    );
    const set = flagSet(flags);
    new cloudflare.WorkersKv(
      `${name}-flags`,
      { accountId, namespaceId: namespace.id, keyName: flagsKey, value: canonicalText(set) },
      { parent: this },
    );
    this.namespaceId = namespace.id;
    this.version = pulumi.output(set.version);
    this.registerOutputs({ namespaceId: this.namespaceId, version: this.version });
  }
}
