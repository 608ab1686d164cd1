import { isIPv4, isIPv6 } from "node:net";
import { creationTime } from "./aws-facts";
import { between, oneOf } from "./checks";
import { byteLength, created, hostname, identifier } from "./cloudflare-facts";
import { type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";

const record = "cloudflare:index/dnsRecord:DnsRecord";

const recordTypes =
  "A AAAA CNAME MX NS OPENPGPKEY PTR TXT CAA CERT DNSKEY DS HTTPS LOC NAPTR SMIMEA SRV SSHFP SVCB TLSA URI".split(" ");
const addresses: unknown[] = ["A", "AAAA", "CNAME"];

/** What the API says of a record alone: https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/ */
function contentProblem({ type, content, proxied, ttl, data }: Properties): string | undefined {
  if (type === "A" && !isIPv4(String(content))) return "9005: Content for A record must be a valid IPv4 address.";
  if (type === "AAAA" && !isIPv6(String(content))) return "9006: Content for AAAA record must be a valid IPv6 address.";
  if (type === "CNAME" && hostname(content) !== undefined) return "9007: Content for CNAME record is invalid.";
  // https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/#txt
  if (type === "TXT" && byteLength(content) > 4096) return "Content for TXT record must be at most 4096 bytes long.";
  if (content === undefined && data === undefined) return "A record must have content or data.";
  if (proxied === true && !addresses.includes(type)) return "9004: This record type cannot be proxied.";
  // https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/
  if (proxied === true && ttl !== 1) return "The TTL of a proxied record must be 1 (automatic).";
  return undefined;
}

// https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/
function refuseRecord({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const others = neighbours(record).filter(({ properties }) => properties.name === inputs.name);
  if (others.some(({ properties: { type, content } }) => type === inputs.type && content === inputs.content)) {
    return "81058: An identical record already exists.";
  }
  const rivals = others.filter(
    ({ properties: { type } }) => addresses.includes(type) && addresses.includes(inputs.type),
  );
  const exclusive = rivals.some(({ properties: { type } }) => type === "CNAME" || inputs.type === "CNAME");
  return exclusive ? "81053: An A, AAAA, or CNAME record with that host already exists." : undefined;
}

export const cloudflareDnsTypes: Record<string, ResourceType> = {
  [record]: {
    inputs: {
      ...replaces("type zoneId"),
      ...updates("comment content data includeShadowMetadata name priority privateRouting proxied settings tags ttl"),
    },
    required: ["name", "ttl", "type", "zoneId"],
    defaults: () => ({ proxied: false }),
    // https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/
    checks: {
      zoneId: identifier,
      type: oneOf(...recordTypes),
      priority: between(0, 65_535),
      ttl: (value) => (value === 1 ? undefined : between(30, 86_400)(value)),
    },
    combinations: [{ reads: ["content", "type", "proxied", "ttl", "data"], problem: contentProblem }],
    id: (_, hex) => hex(32),
    refuses: refuseRecord,
    outputs: {
      ...created,
      commentModifiedOn: ({ inputs }) => (inputs.comment === undefined ? undefined : creationTime),
      meta: () => "{}",
      proxiable: ({ inputs }) => addresses.includes(inputs.type),
    },
  },
};
