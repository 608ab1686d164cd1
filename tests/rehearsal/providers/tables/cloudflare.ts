import { cloudflareTable } from "../../../../rehearsal/providers/tables/cloudflare";
import { checkResource, diffResource, outputsOf, typeOf } from "../../../../rehearsal/providers/tables/resource";

export type Inputs = Record<string, unknown>;

export const account = "0123456789abcdef0123456789abcdef";
export const zone = "fedcba9876543210fedcba9876543210";

/** `WorkersKv` → `cloudflare:index/workersKv:WorkersKv` */
export const tokenOf = (type: string): string =>
  `cloudflare:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;

const request = (type: string, news: Inputs) => ({
  ...{ token: tokenOf(type), name: "it", olds: undefined, settings: {} },
  ...{ news, randomSeed: Buffer.from("seed") },
});

export const check = (type: string, news: Inputs) => checkResource(cloudflareTable, request(type, news));

/** Every reason against inputs, as `property: reason`. */
export const problems = (type: string, news: Inputs): string[] =>
  check(type, news).failures.map(({ property, reason }) => `${property}: ${reason}`);

/** What exists, by type. */
export type Existing = Record<string, (Inputs & { id: string })[]>;

export const refusal = (type: string, news: Inputs, existing: Existing = {}): string | undefined =>
  typeOf(cloudflareTable, tokenOf(type)).refuses?.({ inputs: check(type, news).inputs, settings: {} }, (token) =>
    (existing[token.split(":")[2] ?? ""] ?? []).map(({ id, ...properties }) => ({ id, properties })),
  );

export const idOf = (type: string, news: Inputs): string =>
  typeOf(cloudflareTable, tokenOf(type)).id({ inputs: check(type, news).inputs, settings: {} }, (length) =>
    "0123456789abcdef".repeat(4).slice(0, length),
  );

export const outputs = (type: string, news: Inputs): Inputs => {
  const { inputs } = check(type, news);
  return outputsOf(typeOf(cloudflareTable, tokenOf(type)), { inputs, settings: {}, id: idOf(type, news) }, () => []);
};

/** The changed inputs that need a new resource. */
export const replacing = (type: string, olds: Inputs, changes: Inputs): string[] =>
  diffResource(typeOf(cloudflareTable, tokenOf(type)), "it", olds, { ...olds, ...changes }, []).replaces;
