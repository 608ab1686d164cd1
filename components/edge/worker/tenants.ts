import { hostKey, type TenantRecord, tenantKey } from "../../tenancy/tenant";
import type { Bindings, Invocation } from "./bindings";
import { Lookup } from "./lookup";
import { problem } from "./problems";
import { bearerOf, type Identity, type Tokens } from "./tokens";

/** Whose request it is. */
export interface Caller {
  /** Undefined on the platform's own hosts for who has no token, or one without a tenant. */
  tenant: TenantRecord | undefined;
  hasToken: boolean;
  /** Whether the region may be told: not by the host alone where a token, which may be another's, could not be checked. */
  isKnown: boolean;
}

const unchecked = "unchecked";

/** Finds out whose request it is, by its host and by its token. */
export class Tenants {
  /** A minute: how long the store itself may take to tell all data centres. */
  private readonly records = new Lookup<TenantRecord>(60, 20_000);
  private readonly hosts: ReadonlySet<string>;

  constructor(
    hosts: readonly string[],
    private readonly tokens: Tokens | undefined,
  ) {
    this.hosts = new Set(hosts);
  }

  /** @returns the refusal of a host that is nobody's, of a suspended tenant, and of a token that proves nothing, or not whose the host is */
  async callerOf(
    request: Request,
    host: string,
    { TENANTS }: Bindings,
    invocation: Invocation,
  ): Promise<Caller | Response> {
    const record = async (key: string) => (await this.records.get(TENANTS, key, invocation)) ?? undefined;
    const isOwn = this.hosts.has(host);
    const byHost = isOwn ? undefined : await record(hostKey(host));
    if (!isOwn && byHost === undefined) return problem(404, "unknown-host", "Nobody is served at this host.");
    const token = bearerOf(request);
    if (token === undefined && request.headers.has("authorization")) return unauthorized();
    const identity =
      token === undefined || this.tokens === undefined ? undefined : await this.identify(token, this.tokens);
    if (identity instanceof Response) return identity;
    const proven = identity === unchecked ? undefined : identity;
    // Otherwise who has no tenant would choose one by choosing its host.
    if (byHost !== undefined && proven !== undefined && proven.tenant === undefined) {
      return problem(403, "no-tenant", "The token is of no tenant, and the host is of one.");
    }
    const byToken = proven?.tenant === undefined ? undefined : await record(tenantKey(proven.tenant));
    if (proven?.tenant !== undefined && byToken === undefined) {
      return problem(403, "unknown-tenant", "The token's tenant is none of this platform's.");
    }
    if (byHost !== undefined && byToken !== undefined && byHost.id !== byToken.id) {
      return problem(403, "other-tenant", "The token is of another tenant than the host.");
    }
    const tenant = byHost ?? byToken;
    if (tenant?.suspended === true) return problem(403, "suspended", "This tenant is suspended.");
    return { tenant, hasToken: token !== undefined, isKnown: identity !== unchecked };
  }

  private async identify(token: string, tokens: Tokens): Promise<Identity | typeof unchecked | Response> {
    try {
      return (await tokens.check(token)) ?? unauthorized();
    } catch {
      // The issuer is away: the region has its keys, or refuses.
      return unchecked;
    }
  }
}

const unauthorized = () =>
  problem(401, "invalid-token", "The token isn't valid here and now.", {
    "WWW-Authenticate": 'Bearer error="invalid_token"',
  });
