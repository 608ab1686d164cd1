import fc from "fast-check";
import { divide, formatBlock, parseBlock } from "../../../components/foundation/address-plan";

const block = fc
  .tuple(fc.nat({ max: 0xffffffff }), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => ({ base: prefix === 0 ? 0 : (address & (0xffffffff << (32 - prefix))) >>> 0, prefix }));

test("a block survives being written and read", () => {
  fc.assert(fc.property(block, (value) => expect(parseBlock(formatBlock(value))).toEqual(value)));
});

test.each(["10.0.0.1/16", "10.0.0.0/33", "10.0.0/16", "256.0.0.0/8", "10.0.0.0", "::/64"])("%s is no block", (text) => {
  expect(parseBlock(text)).toBeUndefined();
});

test("subnets of three zones lie inside their VPC and don't overlap", () => {
  const vpc = block.filter(({ prefix }) => prefix >= 16 && prefix <= 20);
  fc.assert(
    fc.property(vpc, ({ base, prefix }) => {
      const ranges = divide(formatBlock({ base, prefix }))
        .flatMap((zone) => [zone.public, zone.private, zone.data])
        .map((cidr) => {
          const parsed = parseBlock(cidr);
          if (parsed === undefined) throw new Error(`${cidr} is no block`);
          return { first: parsed.base, last: parsed.base + 2 ** (32 - parsed.prefix) - 1 };
        })
        .sort((left, right) => left.first - right.first);
      expect(ranges).toHaveLength(9);
      expect(ranges[0]?.first).toBeGreaterThanOrEqual(base);
      expect(ranges[8]?.last).toBeLessThan(base + 2 ** (32 - prefix));
      ranges.slice(1).forEach(({ first }, index) => expect(first).toBeGreaterThan(ranges[index]?.last ?? 0));
    }),
  );
});
