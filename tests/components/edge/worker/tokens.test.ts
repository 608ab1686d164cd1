import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Tokens } from "../../../../components/edge/worker/tokens";

const [issuer, audience] = ["https://issuer.test", "shop"];

test.each([
  ["tenant", { tenant: "acme" }, "acme"],
  ["org.id", { org: { id: "acme" } }, "acme"],
  ["org.id", { "org.id": "acme" }, undefined],
  ["org.id", { org: "acme" }, undefined],
  ["org.id", { org: null }, undefined],
  ["org", { org: { id: "acme" } }, undefined],
])("by the claim %s the tenant of %j is %s, as the gateway's proxy has it", async (tenantClaim, claims, tenant) => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }] });
  const signed = await new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: "one" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime("5m")
    .sign(privateKey);
  const tokens = new Tokens({ issuer, audiences: [audience], tenantClaim, jwks });
  expect((await tokens.check(signed))?.tenant).toBe(tenant);
});
