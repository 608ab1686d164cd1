/** IPv4 block of a network. */
export interface AddressBlock {
  /** First address as an unsigned 32-bit number. */
  base: number;
  prefix: number;
}

/** Undefined where the text is no block, or has bits set behind its prefix. */
export function parseBlock(cidr: string): AddressBlock | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const base = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return base % 2 ** (32 - prefix) === 0 ? { base, prefix } : undefined;
}

export function formatBlock({ base, prefix }: AddressBlock): string {
  return `${[24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join(".")}/${prefix}`;
}

export interface ZoneSubnets {
  public: string;
  private: string;
  data: string;
}

/** AWS allows VPCs from /16 to /28; below /20 the sixteenths that pods live in would be smaller than /24. */
export const vpcPrefixes = { largest: 16, smallest: 20 };

/**
 * Divides a VPC for three zones: a quarter for each zone's pods and nodes (private), and in the last quarter a sixteenth
 * of the VPC for each zone, half of it for load balancers (public), half for data stores (data).
 */
export function divide(cidr: string): ZoneSubnets[] {
  const block = parseBlock(cidr);
  if (block === undefined) throw new RangeError(`"${cidr}" is no IPv4 block`);
  const size = 2 ** (32 - block.prefix);
  return [0, 1, 2].map((zone) => {
    const small = block.base + size * 0.75 + (size / 16) * zone;
    return {
      private: formatBlock({ base: block.base + (size / 4) * zone, prefix: block.prefix + 2 }),
      public: formatBlock({ base: small, prefix: block.prefix + 5 }),
      data: formatBlock({ base: small + size / 32, prefix: block.prefix + 5 }),
    };
  });
}
