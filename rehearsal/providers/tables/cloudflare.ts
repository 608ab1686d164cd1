import { creationTime } from "./aws-facts";
import { between, matches, oneOf } from "./checks";
import { type Facts, type Neighbours, type PackageTable, replaces, updates } from "./table";

const record = "cloudflare:index/dnsRecord:DnsRecord";
const namespace = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
const identifier = matches(/^\w{1,32}$/, "an identifier of at most 32 characters");

const recordTypes =
  "A AAAA CNAME MX NS OPENPGPKEY PTR TXT CAA CERT DNSKEY DS HTTPS LOC NAPTR SMIMEA SRV SSHFP SVCB TLSA URI".split(" ");
const addresses: unknown[] = ["A", "AAAA", "CNAME"];

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

export const cloudflareTable: PackageTable = {
  package: "cloudflare",
  arguments: ["apiKey", "apiToken", "apiUserServiceKey", "baseUrl", "email", "userAgentOperatorSuffix"],
  // Nothing depends on the account's credentials, so they go no further.
  settings: () => ({}),
  place: ({ inputs }) => String(inputs.accountId ?? inputs.zoneId),
  types: {
    "cloudflare:index/r2Bucket:R2Bucket": {
      inputs: { ...replaces("accountId jurisdiction location name"), ...updates("storageClass") },
      required: ["accountId", "name"],
      defaults: () => ({ jurisdiction: "default", storageClass: "Standard" }),
      // https://developers.cloudflare.com/r2/buckets/create-buckets/, …/r2/reference/data-location/
      checks: {
        accountId: identifier,
        name: matches(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "3 to 63 small letters, digits and inner hyphens"),
        jurisdiction: oneOf("default", "eu", "fedramp", "us"),
        location: oneOf("apac", "eeur", "enam", "weur", "wnam", "oc"),
        storageClass: oneOf("Standard", "InfrequentAccess"),
      },
      id: ({ inputs }) => String(inputs.name),
      taken: () => "10004: The bucket you tried to create already exists, and you own it.",
      outputs: { creationDate: () => creationTime, location: () => "ENAM" },
    },
    [namespace]: {
      inputs: { ...replaces("accountId jurisdiction"), ...updates("title") },
      required: ["accountId", "title"],
      // https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/create/
      checks: {
        accountId: identifier,
        title: matches(/^.{1,512}$/, "1 to 512 characters"),
        jurisdiction: oneOf("eu", "fedramp", "us"),
      },
      id: (_, hex) => hex(32),
      refuses: ({ inputs }, neighbours) =>
        neighbours(namespace).some(({ properties }) => properties.title === inputs.title)
          ? "10014: a namespace with this account ID and title already exists"
          : undefined,
      outputs: { supportsUrlEncoding: () => true },
    },
    [record]: {
      inputs: {
        ...replaces("zoneId"),
        ...updates("comment content data name priority proxied settings tags ttl type"),
      },
      required: ["name", "ttl", "type", "zoneId"],
      defaults: () => ({ proxied: false }),
      // https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/
      checks: {
        zoneId: identifier,
        type: oneOf(...recordTypes),
        ttl: (value) => (value === 1 ? undefined : between(30, 86400)(value)),
      },
      id: (_, hex) => hex(32),
      refuses: refuseRecord,
      outputs: {
        createdOn: () => creationTime,
        modifiedOn: () => creationTime,
        meta: () => "{}",
        proxiable: ({ inputs }) => addresses.includes(inputs.type),
      },
    },
  },
  functions: {},
};
