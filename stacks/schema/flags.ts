import { z } from "zod";
import { RolloutUnit } from "../../components/flags/flag";

const variant = z.string().min(1);
const byName = (of: string) =>
  z.record(z.string(), variant).exactOptional().describe(`Variants by ${of}, which only these have`);

const flagSchema = z.strictObject({
  variants: z
    .record(
      z.string(),
      z.union([z.boolean(), z.string(), z.number(), z.record(z.string(), z.unknown())], {
        error: "must be true or false, a text, a number or an object",
      }),
    )
    .exactOptional()
    .describe("Answers by their names, all of one type; default: on is true, off is false"),
  override: variant.exactOptional().describe("Variant of everybody, whatever else is said: the kill switch"),
  tenants: byName("tenant"),
  tiers: byName("tier"),
  users: byName("user"),
  rollout: z
    .array(z.strictObject({ variant, percent: z.number().min(0).max(100) }))
    .min(1)
    .exactOptional()
    .describe("Shares of all others, the same users each time; to raise the last one takes nobody's variant away"),
  rolloutBy: z.enum(RolloutUnit).exactOptional().describe("Who stays together in the rollout; default: each user"),
  default: variant.exactOptional().describe("Variant of who is in none of these; default: off"),
});

export const flagsSchema = z
  .record(z.string(), flagSchema)
  .default({})
  .describe(
    "Flags by their keys. The first that knows an answer gives it: override, tenants, tiers, users, rollout, default",
  );

export type FlagsSection = z.output<typeof flagsSchema>;
