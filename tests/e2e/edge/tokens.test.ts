import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { TenantIsolation } from "../../../components/database/tenancy";
import { TenantTier } from "../../../components/tenancy/tenant";
import { TestEdge, until } from "./fixture";

jest.setTimeout(60_000);

/** The issuer: its keys at a real address, which the Worker reads by itself. */
const published: JWK[] = [];
let issuer: Server;
let keyRequests = 0;
let isAway = false;

const issuerName = "https://issuer.test";
const audience = "shop";
const acme = { id: "acme", tier: TenantTier.Pro, isolation: TenantIsolation.SharedDatabase, dataRegion: "eu-west" };
const edge = new TestEdge();
let key: CryptoKey;

/** A new key under this id. @param isPublished whether the issuer tells of it */
async function newKey(kid: string, isPublished: boolean): Promise<CryptoKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  if (isPublished) published.push({ ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" });
  return privateKey;
}

interface Claims {
  tenant?: string;
  issuer?: string;
  audience?: string;
  expires?: string;
  kid?: string;
  signedWith?: CryptoKey;
}

function token(claims: Claims = {}): Promise<string> {
  const { tenant, expires = "5m", kid = "one", signedWith = key } = claims;
  return new SignJWT({ sub: "ann", ...(tenant === undefined ? {} : { tenant }) })
    .setProtectedHeader({ alg: "RS256", kid })
    .setIssuer(claims.issuer ?? issuerName)
    .setAudience(claims.audience ?? audience)
    .setIssuedAt("-10m")
    .setExpirationTime(expires)
    .sign(signedWith);
}

const ask = (bearer: string, host = "shop.test") =>
  edge.fetch(`https://${host}/reports`, { headers: { authorization: `Bearer ${bearer}` } });

beforeAll(async () => {
  key = await newKey("one", true);
  issuer = createServer((_, response) => {
    keyRequests++;
    if (isAway) response.writeHead(503).end();
    else response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
  const { port } = issuer.address() as AddressInfo;
  const authentication = {
    issuer: issuerName,
    audiences: [audience],
    jwksUri: `http://127.0.0.1:${port}/keys`,
    tenantClaim: "tenant",
  };
  const tenants = [acme, { ...acme, id: "globex" }, { ...acme, id: "gone", suspended: true }];
  await edge.start({ tenants, settings: { authentication } });
});
afterAll(async () => {
  await edge.stop();
  issuer.closeAllConnections();
  await new Promise((resolve) => issuer.close(resolve));
});
beforeEach(() => {
  edge.reset();
  isAway = false;
});

test("while the issuer's keys can't be had, the region decides", async () => {
  isAway = true;
  // The first of all tokens: nothing is known of the issuer yet.
  const answer = await ask(await token({ tenant: "acme" }));
  expect(answer.status).toBe(200);
  expect(edge.region("us-east").seen[0]?.headers["x-omega-edge-tenant"]).toBeUndefined();
  edge.reset();
  // Whoever's it is: the host alone doesn't say so.
  expect((await ask(await token(), "acme.tenants.test")).status).toBe(200);
  expect(edge.region("eu-west").seen[0]?.headers["x-omega-edge-tenant"]).toBeUndefined();
});

test("the tenant is the one that the verified token names", async () => {
  const answer = await ask(await token({ tenant: "acme" }));
  expect([answer.status, answer.headers.get("x-region")]).toEqual([200, "eu-west"]);
  const [seen] = edge.region("eu-west").seen;
  expect(seen?.headers["x-omega-edge-tenant"]).toBe("acme");
  // The region's gateway checks it again.
  expect(seen?.headers.authorization).toMatch(/^Bearer ey/);
});

test("a token is checked once, and its keys are fetched once", async () => {
  const before = keyRequests;
  const same = await token({ tenant: "acme" });
  for (let times = 0; times < 5; times++) expect((await ask(same)).status).toBe(200);
  expect(keyRequests).toBe(before);
});

test("a token without a tenant is anybody's, and one that names nobody we know is refused", async () => {
  expect((await ask(await token())).status).toBe(200);
  expect(edge.seen).toEqual(["us-east /reports"]);
  edge.reset();
  const unknown = await ask(await token({ tenant: "initech" }));
  expect([unknown.status, await typeOf(unknown)]).toEqual([403, "urn:omega:edge:unknown-tenant"]);
  const suspended = await ask(await token({ tenant: "gone" }));
  expect([suspended.status, await typeOf(suspended)]).toEqual([403, "urn:omega:edge:suspended"]);
  expect(edge.seen).toEqual([]);
});

test("who shows no token passes, as nobody", async () => {
  expect((await edge.fetch("https://shop.test/reports")).status).toBe(200);
  expect(edge.region("us-east").seen[0]?.headers["x-omega-edge-tenant"]).toBeUndefined();
});

const typeOf = async (answer: { json(): Promise<unknown> }) => ((await answer.json()) as { type: string }).type;

test.each<[string, () => Promise<string>]>([
  ["of another issuer", () => token({ tenant: "acme", issuer: "https://evil.test" })],
  ["for another audience", () => token({ tenant: "acme", audience: "bank" })],
  ["that has ended", () => token({ tenant: "acme", expires: "-1m" })],
  [
    "signed by a key that nobody published",
    async () => token({ tenant: "acme", signedWith: await newKey("x", false) }),
  ],
  ["of a key id that there isn't", () => token({ tenant: "acme", kid: "none" })],
  [
    "that nobody signed",
    () =>
      Promise.resolve(
        new UnsecuredJWT({ tenant: "acme" })
          .setIssuer(issuerName)
          .setAudience(audience)
          .setExpirationTime("5m")
          .encode(),
      ),
  ],
  ["signed with the public key as a secret", () => signedWithPublicKey()],
  ["whose tenant was changed after it was signed", async () => changed(await token({ tenant: "acme" }))],
  ["that is none at all", () => Promise.resolve("not.a.token")],
])("a token %s: 401, and no region is asked", async (_, make) => {
  const answer = await ask(await make());
  expect([answer.status, await typeOf(answer)]).toEqual([401, "urn:omega:edge:invalid-token"]);
  expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
  expect(edge.seen).toEqual([]);
});

function signedWithPublicKey(): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(published[0]));
  return new SignJWT({ tenant: "acme" })
    .setProtectedHeader({ alg: "HS256", kid: "one" })
    .setIssuer(issuerName)
    .setAudience(audience)
    .setExpirationTime("5m")
    .sign(secret);
}

function changed(signed: string): string {
  const [header = "", payload = "", signature = ""] = signed.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  const other = Buffer.from(JSON.stringify({ ...claims, tenant: "globex" })).toString("base64url");
  return [header, other, signature].join(".");
}

test("a token of one tenant at another one's host is refused, and at its own it isn't", async () => {
  const ofAcme = await token({ tenant: "acme" });
  const refused = await ask(ofAcme, "globex.tenants.test");
  expect([refused.status, await typeOf(refused)]).toEqual([403, "urn:omega:edge:other-tenant"]);
  expect(edge.seen).toEqual([]);
  expect((await ask(ofAcme, "acme.tenants.test")).status).toBe(200);
});

test("who has a token of no tenant becomes none by choosing its host", async () => {
  const refused = await ask(await token(), "acme.tenants.test");
  expect([refused.status, await typeOf(refused)]).toEqual([403, "urn:omega:edge:no-tenant"]);
  expect(edge.seen).toEqual([]);
});

test("what the token's reader gets is kept for nobody", async () => {
  for (const region of edge.regions) {
    region.handler = (_, response) => response.setHeader("cache-control", "public, max-age=60").end("ann's");
  }
  const headers = { authorization: `Bearer ${await token({ tenant: "acme" })}` };
  for (let times = 0; times < 2; times++) await edge.fetch("https://shop.test/products/own", { headers });
  expect(edge.seen).toHaveLength(2);
});

test("a key that the issuer publishes later is picked up", async () => {
  const signedWith = await newKey("two", true);
  // jose asks the issuer about unknown keys once in 30 s at most, so that made-up ids can't flood it.
  const status = await until(async () => {
    const answer = await ask(await token({ tenant: "acme", kid: "two", signedWith }));
    return answer.status !== 401 && answer.status;
  });
  expect(status).toBe(200);
});
