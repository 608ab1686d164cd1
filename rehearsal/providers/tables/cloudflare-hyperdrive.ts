import { between, matches, oneOf } from "./checks";
import { created, identifier, isTaken } from "./cloudflare-facts";
import { replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

const hyperdrive = "cloudflare:index/hyperdriveConfig:HyperdriveConfig";

function originProblem({ origin }: Properties): string | undefined {
  if (!isObject(origin)) return "must be an object";
  const missing = ["database", "password", "scheme", "user"].find((name) => origin[name] === undefined);
  if (missing !== undefined) return `must have ${missing}`;
  if ((origin.host === undefined) === (origin.serviceId === undefined)) return "must have either host or serviceId";
  return (origin.accessClientId === undefined) === (origin.accessClientSecret === undefined)
    ? undefined
    : "must have accessClientId and accessClientSecret together";
}

export const cloudflareHyperdriveTypes: Record<string, ResourceType> = {
  [hyperdrive]: {
    inputs: {
      ...replaces("accountId"),
      ...updates("caching integration mtls name origin originConnectionLimit"),
    },
    required: ["accountId", "name", "origin"],
    // https://developers.cloudflare.com/api/resources/hyperdrive/subresources/configs/methods/create/
    checks: {
      accountId: identifier,
      name: matches(/^.+$/, "at least 1 character"),
      "origin.scheme": oneOf("postgres", "postgresql", "mysql"),
      "origin.port": between(1, 65_535),
      // Connections; 100 is a paid plan's limit.
      originConnectionLimit: between(5, 100),
      // Seconds: https://developers.cloudflare.com/hyperdrive/concepts/query-caching/
      "caching.maxAge": between(1, 3600),
      "mtls.sslmode": oneOf("require", "verify-ca", "verify-full"),
    },
    combinations: [{ reads: ["origin"], problem: originProblem }],
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, hyperdrive, "name") ? "a Hyperdrive config with this name exists" : undefined,
    outputs: created,
  },
};
