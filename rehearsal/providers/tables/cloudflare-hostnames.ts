import { creationTime } from "./aws-facts";
import { oneOf } from "./checks";
import { bool, hostname, identifier, isTaken, onOrOff, uuid } from "./cloudflare-facts";
import { type Check, type Facts, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";

const customHostname = "cloudflare:index/customHostname:CustomHostname";

/** https://developers.cloudflare.com/cloudflare-for-platforms/cloudflare-for-saas/reference/status-codes/custom-hostnames/ */
const customHostnameCheck: Check = (value) => {
  const labels = String(value).toLowerCase().split(".");
  if (["test", "example", "invalid", "localhost"].includes(labels.at(-1) ?? "")) {
    return "1409: Reserved top domain custom hostnames, such as 'test', 'example', 'invalid' or 'localhost', is not supported.";
  }
  if (["example.com", "example.net", "example.org"].includes(labels.slice(-2).join("."))) {
    return "1411: Custom hostnames ending in example.com, example.net, or example.org are prohibited.";
  }
  const reason = hostname(value);
  return reason === undefined ? undefined : `1407: Invalid custom hostname: it ${reason}`;
};

/** What the customer may set to prove that the host name is theirs; the tokens here prove nothing. */
const ownership = ({ inputs, id }: Facts & { id: string }) => ({
  record: { name: `_cf-custom-hostname.${String(inputs.hostname)}`, type: "txt", value: id },
  http: {
    httpBody: id,
    httpUrl: `http://${String(inputs.hostname)}/.well-known/cf-custom-hostname-challenge/${id}`,
  },
});

/** An advanced certificate names the zone's apex and at most 50 hosts: the apex is in no input, so it isn't checked. */
const packHosts: Check = (value) => {
  if (!Array.isArray(value) || value.length === 0) return "must have a host";
  if (value.length > 50) return `must be at most 50 hosts, not ${value.length}`;
  return value.map(hostname).find((reason) => reason !== undefined);
};

/** https://developers.cloudflare.com/ssl/edge-certificates/changing-dcv-method/methods/ */
function wildcardProblem({ hosts, validationMethod }: Properties): string | undefined {
  const wildcard = Array.isArray(hosts) && hosts.some((host) => String(host).startsWith("*"));
  return wildcard && validationMethod === "http" ? "can't have a wildcard with HTTP validation: use txt" : undefined;
}

/** https://developers.cloudflare.com/ssl/reference/certificate-authorities/ */
const validityOfAuthorities = new Map<unknown, number[]>([
  ["google", [14, 30, 90]],
  ["lets_encrypt", [90]],
  ["ssl_com", [14, 30, 90, 365]],
]);

function validityProblem({ certificateAuthority, validityDays }: Properties): string | undefined {
  const days = validityOfAuthorities.get(certificateAuthority) ?? [];
  if (days.length === 0 || days.includes(Number(validityDays))) return undefined;
  return `must be one of ${days.join(", ")} with ${String(certificateAuthority)}, not ${String(validityDays)}`;
}

export const cloudflareHostnameTypes: Record<string, ResourceType> = {
  [customHostname]: {
    inputs: { ...replaces("hostname zoneId"), ...updates("customMetadata customOriginServer customOriginSni ssl") },
    required: ["hostname", "zoneId"],
    checks: {
      zoneId: identifier,
      hostname: customHostnameCheck,
      customOriginServer: hostname,
      "ssl.method": oneOf("http", "txt", "email"),
      "ssl.type": oneOf("dv"),
      "ssl.bundleMethod": oneOf("ubiquitous", "optimal", "force"),
      "ssl.certificateAuthority": oneOf("digicert", "google", "lets_encrypt", "ssl_com"),
      "ssl.settings.minTlsVersion": oneOf("1.0", "1.1", "1.2", "1.3"),
      "ssl.settings.http2": onOrOff,
      "ssl.settings.tls13": onOrOff,
      "ssl.settings.earlyHints": onOrOff,
    },
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, customHostname, "hostname") ? "1406: Duplicate custom hostname found." : undefined,
    outputs: {
      createdAt: () => creationTime,
      // Nobody here points the host name to Cloudflare, so it stays as it is made.
      status: () => "pending",
      ownershipVerification: (facts) => ownership(facts).record,
      ownershipVerificationHttp: (facts) => ownership(facts).http,
      verificationErrors: () => [],
    },
  },
  "cloudflare:index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin": {
    inputs: { ...replaces("zoneId"), ...updates("origin") },
    required: ["origin", "zoneId"],
    checks: { zoneId: identifier, origin: hostname },
    id: ({ inputs }) => String(inputs.zoneId),
    outputs: { createdAt: () => creationTime, updatedAt: () => creationTime, status: () => "active", errors: () => [] },
  },
  "cloudflare:index/certificatePack:CertificatePack": {
    inputs: replaces("certificateAuthority cloudflareBranding hosts type validationMethod validityDays zoneId"),
    required: ["certificateAuthority", "type", "validationMethod", "validityDays", "zoneId"],
    // https://developers.cloudflare.com/api/resources/ssl/subresources/certificate_packs/methods/create/
    checks: {
      zoneId: identifier,
      certificateAuthority: oneOf("google", "lets_encrypt", "ssl_com"),
      type: oneOf("advanced"),
      validationMethod: oneOf("txt", "http", "email"),
      validityDays: oneOf(14, 30, 90, 365),
      cloudflareBranding: bool,
      hosts: packHosts,
    },
    combinations: [
      { reads: ["hosts", "validationMethod"], problem: wildcardProblem },
      { reads: ["validityDays", "certificateAuthority"], problem: validityProblem },
    ],
    id: (_, hex) => uuid(hex(32)),
    outputs: {
      status: () => "active",
      primaryCertificate: ({ id }) => id,
      certificates: () => [],
      dcvDelegationRecords: () => [],
      validationErrors: () => [],
      validationRecords: () => [],
    },
  },
};
