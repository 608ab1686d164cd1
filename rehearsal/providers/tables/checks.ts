import { isObject } from "../wire";
import type { Check } from "./table";

export const atLeast =
  (minimum: number): Check =>
  (value) =>
    Number(value) >= minimum ? undefined : `must be at least ${minimum}, not ${String(value)}`;

export const between =
  (minimum: number, maximum: number): Check =>
  (value) =>
    Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : `must be from ${minimum} to ${maximum}, not ${String(value)}`;

export const oneOf =
  (...allowed: (string | number)[]): Check =>
  (value) =>
    allowed.some((one) => one === value) ? undefined : `must be one of ${allowed.join(", ")}, not ${String(value)}`;

export const matches =
  (pattern: RegExp, rule: string): Check =>
  (value) =>
    pattern.test(String(value)) ? undefined : `must be ${rule}, not ${JSON.stringify(value)}`;

export const everyOne =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) ? value.map(check).find((reason) => reason !== undefined) : "must be a list";

export const jsonObject: Check = (value) => {
  try {
    if (isObject(JSON.parse(String(value)))) return undefined;
  } catch {
    // Said below.
  }
  return "must be a JSON object";
};

interface Cidr {
  first: number;
  last: number;
  prefix: number;
}

/** Undefined where it is none; the address may have host bits. */
export function parseCidr(text: unknown): (Cidr & { canonical: string }) | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(String(text));
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match?.slice(1).map(Number) ?? [];
  if (prefix > 32 || [a, b, c, d].some((byte) => byte > 255)) return undefined;
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return { first, last: first + size - 1, prefix, canonical: `${bytes.join(".")}/${prefix}` };
}

export const isInside = (inner: Cidr, outer: Cidr): boolean => inner.first >= outer.first && inner.last <= outer.last;

export const overlap = (one: Cidr, other: Cidr): boolean => one.first <= other.last && other.first <= one.last;

export const ipv4Cidr =
  (largest: number, smallest: number): Check =>
  (value) => {
    const cidr = parseCidr(value);
    if (!cidr) return `${JSON.stringify(value)} is not a valid IPv4 CIDR block`;
    if (cidr.canonical !== value) return `${JSON.stringify(value)} has host bits: did you mean "${cidr.canonical}"?`;
    if (cidr.prefix >= largest && cidr.prefix <= smallest) return undefined;
    return `the netmask must be from /${largest} to /${smallest}, not /${cidr.prefix}`;
  };
