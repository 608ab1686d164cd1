import { CacheEngine } from "../../../components/cache/engines/engine";
import { RegionalCache, type RegionalCacheArgs } from "../../../components/cache/regional-cache";
import type { CacheProfile } from "../../../components/cache/tiers";
import { IssuerKind } from "../../../components/certificates/certificates";
import { planProgram } from "../../../rehearsal/engine/plan";

/** What a stack declares of a regional cache, and what it tells the services that use it. */
export interface DeclaredCache {
  /** Dragonfly's own. */
  flags: Record<string, string>;
  /** Names of its certificate. */
  dnsNames: string[];
  password: string;
  /** A service's environment variables, with its secrets. */
  environment: Record<string, string>;
}

type Settings = Pick<RegionalCacheArgs, "gibibytes" | "evictionPolicy" | "tiers">;

interface KubernetesObject {
  kind: string;
  metadata: { name: string; namespace: string };
  spec: { args: string[]; dnsNames: string[] };
  stringData: Record<string, string>;
}

export async function declaredCache(profile: CacheProfile, settings: Settings = {}): Promise<DeclaredCache> {
  let told: ReturnType<RegionalCache["connectionOf"]> | undefined;
  const program = () => {
    const cache = new RegionalCache("cache", {
      engine: CacheEngine.Dragonfly,
      namespace: "cache",
      clientsNamespace: "shop",
      clients: ["catalog"],
      issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
      ...settings,
    });
    told = cache.connectionOf({ profile, connectionsPerReplica: 10 });
    return Promise.resolve(told.environment);
  };
  // As at an update: the password is known.
  const { resources, outputs } = await planProgram(program, "cache", { config: {}, secrets: [] }, false);
  const objects = resources.map(({ props }) => props as unknown as KubernetesObject);
  const find = (kind: string, name: string): KubernetesObject => {
    const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  };
  const flags = find("Dragonfly", "cache").spec.args.map((flag) => /^--(\w+)=(.*)$/.exec(flag)?.slice(1) ?? [flag, ""]);
  const { password = "" } = find("Secret", "cache-access").stringData;
  return {
    flags: Object.fromEntries(flags) as Record<string, string>,
    dnsNames: find("Certificate", "cache-certificate").spec.dnsNames,
    password: find("Secret", "cache-password").stringData.password ?? "",
    environment: { ...(outputs as Record<string, string>), CACHE_PASSWORD: password },
  };
}
