import {
  defaultVariants,
  type Flag,
  type FlagAnswer,
  type FlagContext,
  FlagLayer,
  FlagReason,
  type FlagSet,
  RolloutUnit,
} from "./flag";

/** In thousandths of a percent. */
const buckets = 100_000;

/**
 * Answers from the first layer that knows. No clock, no chance, no store: the same in every data centre and service.
 *
 * @returns undefined if there is no such flag
 */
export function evaluate({ flags }: FlagSet, key: string, context: FlagContext): FlagAnswer | undefined {
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
  if (flag === undefined) return undefined;
  const { variant, layer, unnamed } = choose(flag, key, context);
  const variants = flag.variants ?? defaultVariants;
  const value = Object.hasOwn(variants, variant) ? variants[variant] : undefined;
  // A set that was checked has the variant; what is stored may be older than the check.
  return {
    ...{ value: value ?? false, variant, layer, reason: reasonOf(flag, layer) },
    ...(unnamed === undefined ? {} : { unnamed }),
  };
}

type Choice = Pick<FlagAnswer, "variant" | "layer" | "unnamed">;

function choose(flag: Flag, key: string, { tenant, tier, user }: FlagContext): Choice {
  if (flag.override !== undefined) return { variant: flag.override, layer: FlagLayer.Global };
  const layers = [
    [FlagLayer.Tenant, flag.tenants, tenant],
    [FlagLayer.Tier, flag.tiers, tier],
    [FlagLayer.User, flag.users, user],
  ] as const;
  for (const [layer, variants, name] of layers) {
    if (variants !== undefined && name !== undefined && Object.hasOwn(variants, name)) {
      return { variant: variants[name] ?? "", layer };
    }
  }
  const otherwise = { variant: flag.default ?? "off", layer: FlagLayer.Default };
  if (flag.rollout === undefined) return otherwise;
  const { rolloutBy = RolloutUnit.User } = flag;
  const unit = rolloutBy === RolloutUnit.Tenant ? tenant : (user ?? tenant);
  if (unit === undefined) return { ...otherwise, unnamed: rolloutBy };
  const rolled = shareOf(flag.rollout, key, unit);
  return rolled === undefined ? otherwise : { variant: rolled, layer: FlagLayer.Rollout };
}

/** Shares stand side by side in the order in which they are declared, so that the first one to grow takes from who had none. */
function shareOf(rollout: NonNullable<Flag["rollout"]>, key: string, unit: string): string | undefined {
  const bucket = bucketOf(key, unit);
  let end = 0;
  for (const { variant, percent } of rollout) {
    end += Math.round((percent * buckets) / 100);
    if (bucket < end) return variant;
  }
  return undefined;
}

/** From 0 to 99,999. The flag's key is in it: who is among the first for one flag is not for all others. */
export function bucketOf(key: string, unit: string): number {
  return Math.floor((murmur3(`${key}\n${unit}`) / 2 ** 32) * buckets);
}

function reasonOf(flag: Flag, layer: FlagLayer): FlagReason {
  if (layer === FlagLayer.Rollout) return FlagReason.Split;
  if (layer === FlagLayer.Global) return FlagReason.Static;
  if (layer !== FlagLayer.Default) return FlagReason.TargetingMatch;
  const isStatic = [flag.tenants, flag.tiers, flag.users, flag.rollout].every((each) => each === undefined);
  return isStatic ? FlagReason.Static : FlagReason.Default;
}

const encoder = new TextEncoder();

/** MurmurHash3, x86, 32 bits, seed 0: even, stable and without a key to keep. https://github.com/aappleby/smhasher */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(view.getUint32(at, true));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | (bytes[at] ?? 0);
  if (bytes.length > whole) hash ^= scramble(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
