import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { TokenSettings } from "./bindings";
import { Memory } from "./memory";

/** What a token proves. */
export interface Identity {
  /** Undefined for a token that names none. */
  tenant: string | undefined;
  user: string | undefined;
}

/** Checks tokens as the region will again: what can't be true goes no further than the edge. */
export class Tokens {
  private readonly keys: JWTVerifyGetKey;
  /** By the token itself, until it ends. */
  private readonly known = new Memory<Identity>(5000);

  constructor(private readonly settings: TokenSettings) {
    const { jwks = '{"keys":[]}', jwksUri } = settings;
    this.keys = jwksUri === undefined ? createLocalJWKSet(JSON.parse(jwks)) : createRemoteJWKSet(new URL(jwksUri));
  }

  /**
   * @returns undefined if the token is none of the issuer's for this audience now
   * @throws Error if the issuer's keys can't be had: then the region decides
   */
  async check(token: string): Promise<Identity | undefined> {
    const now = Date.now();
    const known = this.known.get(token, now);
    if (known !== undefined) return known;
    const { issuer, audiences, tenantClaim } = this.settings;
    try {
      const { payload } = await jwtVerify(token, this.keys, { issuer, audience: [...audiences] });
      const identity = { tenant: textOf(payload, tenantClaim), user: payload.sub };
      // A key that is taken back counts here no longer than a minute more.
      this.known.set(token, identity, Math.min(1000 * (payload.exp ?? 0), now + 60_000));
      return identity;
    } catch (error) {
      if (error instanceof errors.JOSEError && !isAboutKeys(error)) return undefined;
      throw error;
    }
  }
}

/** Not of the token, but of an issuer whose keys can't be had: jose's own class is all that an answer but 200 gives. */
const isAboutKeys = ({ code }: errors.JOSEError): boolean =>
  [errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code].includes(code);

/** As the gateway's proxy reads it: a dot leads into what is nested. */
function textOf(payload: JWTPayload, claim: string): string | undefined {
  let value: unknown = payload;
  for (const step of claim.split(".")) {
    value = typeof value === "object" && value !== null && step in value ? Reflect.get(value, step) : undefined;
  }
  return typeof value === "string" ? value : undefined;
}

/** The bearer's token; undefined for who has none. */
export function bearerOf({ headers }: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
