/** What a flag can answer with. */
export type FlagValue = boolean | string | number | { readonly [key: string]: unknown };

/** Part of the users that gets a variant, the same ones each time. */
export interface RolloutShare {
  variant: string;
  /** Of all users, from 0 to 100, in thousandths of a percent. All shares of a flag are 100 at most; who is left gets the default. */
  percent: number;
}

/**
 * A switch with layers, of which the first that knows an answer gives it: the override for everybody, the tenant's, the
 * tier's, the user's, the rollout, the default.
 */
export interface Flag {
  /** Answers by their names. Default `on` (true) and `off` (false). */
  variants?: Readonly<Record<string, FlagValue>>;
  /** Variant of everybody, whatever else is said: the kill switch. */
  override?: string;
  /** Variants by tenant. */
  tenants?: Readonly<Record<string, string>>;
  /** Variants by tier, of tenants that have none of their own. */
  tiers?: Readonly<Record<string, string>>;
  /** Variants by user. */
  users?: Readonly<Record<string, string>>;
  /** Gradual. Raising the last share takes nobody's variant away; raising one before it takes from the next. */
  rollout?: readonly RolloutShare[];
  /** What the rollout goes by. Default the user, and where there is none the tenant. */
  rolloutBy?: RolloutUnit;
  /** Variant of who is in none of the layers. Default `off`. */
  default?: string;
}

/** Who stays together in a rollout. */
export enum RolloutUnit {
  User = "user",
  Tenant = "tenant",
}

export interface FlagSet {
  /** Digest of the flags: answers to the same question under the same version are the same. */
  version: string;
  flags: Readonly<Record<string, Flag>>;
}

/** Who asks. */
export interface FlagContext {
  tenant?: string;
  tier?: string;
  user?: string;
}

/** Reasons as OpenFeature has them: https://openfeature.dev/specification/types#resolution-reason. */
export enum FlagReason {
  /** A flag that says one thing to all. */
  Static = "STATIC",
  TargetingMatch = "TARGETING_MATCH",
  Split = "SPLIT",
  Default = "DEFAULT",
}

/** Which layer answered. */
export enum FlagLayer {
  Global = "global",
  Tenant = "tenant",
  Tier = "tier",
  User = "user",
  Rollout = "rollout",
  Default = "default",
}

export interface FlagAnswer {
  value: FlagValue;
  variant: string;
  reason: FlagReason;
  layer: FlagLayer;
  /** Whom the rollout would have gone by, and who wasn't named: the answer is the default, which may be nobody's meaning. */
  unnamed?: RolloutUnit;
}

export const defaultVariants: Readonly<Record<string, FlagValue>> = { on: true, off: false };
