import * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformZone } from "../tenancy/tenant-directory";

/** IPv6's discard prefix: a proxied name with no server behind it, for a Worker answers before one would be asked. */
const nowhere = "100::";

/** A host that a Worker alone answers. */
export function originlessRecord(
  name: string,
  zone: PlatformZone,
  host: string,
  comment: string,
  options: pulumi.CustomResourceOptions,
): cloudflare.DnsRecord {
  const record = { zoneId: zone.id, name: host, type: "AAAA", content: nowhere, proxied: true, ttl: 1, comment };
  return new cloudflare.DnsRecord(name, record, options);
}
