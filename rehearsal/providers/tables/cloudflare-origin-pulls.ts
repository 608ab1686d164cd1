import { creationTime, digest } from "./aws-facts";
import { everyOne } from "./checks";
import { absent, bool, hostname, identifier, pemCertificate, uuid } from "./cloudflare-facts";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";
import { isObject } from "../wire";

const hostnameCertificate =
  "cloudflare:index/authenticatedOriginPullsHostnameCertificate:AuthenticatedOriginPullsHostnameCertificate";

/** What Cloudflare reads from an uploaded certificate; here it is derived from its text. */
const certificateOutputs: ResourceType["outputs"] = {
  expiresOn: () => "2035-01-01T00:00:00Z",
  issuer: () => "CN=Rehearsal",
  serialNumber: ({ inputs }: Described) => BigInt(`0x${digest(inputs.certificate, 16)}`).toString(),
  signature: () => "ECDSAWithSHA256",
  status: () => "active",
  uploadedOn: () => creationTime,
};

/** Of the key nothing is asked: a rehearsal has none. */
const certificateChecks = { zoneId: identifier, certificate: pemCertificate };

const associations = ({ inputs }: Facts): Record<string, unknown>[] =>
  Array.isArray(inputs.configs) ? inputs.configs.filter(isObject) : [];

function refuseAssociation(facts: Facts, neighbours: Neighbours): string | undefined {
  const reasons = associations(facts).map(({ certId }) =>
    absent(neighbours, hostnameCertificate, certId, `no host name certificate ${String(certId)} in the zone`),
  );
  return reasons.find((reason) => reason !== undefined);
}

/** The client certificate that Cloudflare shows to origins: https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/ */
export const cloudflareOriginPullsTypes: Record<string, ResourceType> = {
  "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": {
    inputs: { ...replaces("certificate zoneId"), ...updates("privateKey") },
    required: ["certificate", "privateKey", "zoneId"],
    checks: certificateChecks,
    id: (_, hex) => uuid(hex(32)),
    outputs: { ...certificateOutputs, certificateId: ({ id }) => id, enabled: () => false },
    secrets: ["privateKey"],
  },
  [hostnameCertificate]: {
    inputs: replaces("certificate privateKey zoneId"),
    required: ["certificate", "privateKey", "zoneId"],
    checks: certificateChecks,
    id: (_, hex) => uuid(hex(32)),
    outputs: certificateOutputs,
    secrets: ["privateKey"],
  },
  "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls": {
    inputs: { ...replaces("zoneId"), ...updates("configs") },
    required: ["configs", "zoneId"],
    checks: {
      zoneId: identifier,
      configs: everyOne((config) => {
        if (!isObject(config)) return "must be an object";
        return config.hostname === undefined ? "must have a host name" : hostname(config.hostname);
      }),
    },
    // The provider has the first host name as the id.
    id: (facts) => String(associations(facts)[0]?.hostname),
    refuses: refuseAssociation,
    outputs: {
      hostname: (facts) => associations(facts)[0]?.hostname,
      certId: (facts) => associations(facts)[0]?.certId,
      enabled: (facts) => associations(facts)[0]?.enabled,
      status: () => "active",
      certStatus: () => "active",
      createdAt: () => creationTime,
      updatedAt: () => creationTime,
    },
  },
  "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": {
    inputs: { ...replaces("zoneId"), ...updates("enabled") },
    required: ["enabled", "zoneId"],
    checks: { zoneId: identifier, enabled: bool },
    id: ({ inputs }) => String(inputs.zoneId),
    taken: (id) => `the rehearsal has a resource for origin pulls of ${id} already`,
    outputs: {},
  },
};
