import { creationTime } from "./aws-facts";
import { matches, oneOf } from "./checks";
import type { Check, Facts, Neighbours } from "./table";

/** Of accounts, zones and nearly everything in them. */
export const identifier = matches(/^\w{1,32}$/, "an identifier of at most 32 characters");

export const onOrOff = oneOf("on", "off");

export const bool: Check = (value) => (typeof value === "boolean" ? undefined : `must be true or false`);

/** Every label as in RFC 1123; a wildcard only as the first one. */
export const hostname = matches(
  /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i,
  "a host name",
);

export const pemCertificate = matches(
  /^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/,
  "a certificate in PEM",
);

export const byteLength = (value: unknown): number => Buffer.byteLength(String(value));

/** A UUID made of 32 hexadecimal digits. */
export const uuid = (digits: string): string => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

export const created = { createdOn: () => creationTime, modifiedOn: () => creationTime };

/** An id of which the rehearsal knows nothing, said as Cloudflare says it. */
export function absent(
  neighbours: Neighbours,
  type: string,
  id: unknown,
  message: string,
  where: "here" | "anywhere" = "here",
): string | undefined {
  return id === undefined || neighbours(type, where).some((one) => one.id === id) ? undefined : message;
}

/** Another one in the zone that has the same value of an input. */
export const isTaken = ({ inputs }: Facts, neighbours: Neighbours, type: string, input: string): boolean =>
  neighbours(type).some(({ properties }) => properties[input] === inputs[input]);
