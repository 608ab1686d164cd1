import fc from "fast-check";
import {
  mostShards,
  type Partitions,
  partitionings,
  reshardErrors,
  shardProblems,
  shardRanges,
} from "../../../components/database/shards";

const counts = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const anyCount = fc.constantFrom(...counts);
const bounds = (range: string) => {
  const [start = "", end = ""] = range.split("-");
  return { from: start === "" ? 0 : parseInt(start, 16), to: end === "" ? mostShards : parseInt(end, 16) };
};

test("ranges are named as Vitess names them", () => {
  expect(shardRanges(1)).toEqual(["-"]);
  expect(shardRanges(2)).toEqual(["-80", "80-"]);
  expect(shardRanges(4)).toEqual(["-40", "40-80", "80-c0", "c0-"]);
  expect(shardRanges(256).slice(0, 3)).toEqual(["-01", "01-02", "02-03"]);
});

test("equal parts cover the keyspace exactly: no gap, no overlap, none larger than another", () => {
  fc.assert(
    fc.property(anyCount, (shards) => {
      const parts = shardRanges(shards).map(bounds);
      expect(parts).toHaveLength(shards);
      expect(parts[0]?.from).toBe(0);
      expect(parts.at(-1)?.to).toBe(mostShards);
      parts.slice(1).forEach(({ from }, index) => expect(from).toBe(parts[index]?.to));
      expect(new Set(parts.map(({ from, to }) => to - from)).size).toBe(1);
    }),
  );
});

test("the bounds of fewer shards are bounds of more, so that shards can be halved", () => {
  fc.assert(
    fc.property(anyCount, anyCount, (one, other) => {
      const [fewer, more] = [Math.min(one, other), Math.max(one, other)].map((shards) =>
        shardRanges(shards).map(bounds),
      );
      const starts = more?.map(({ from }) => from);
      for (const { from } of fewer ?? []) expect(starts).toContain(from);
    }),
  );
});

test("only powers of two up to the most are taken", () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: -10, max: 600 }), fc.double()), (shards) => {
      expect(shardProblems("shards", shards).length === 0).toBe(counts.includes(shards));
    }),
  );
  expect(shardProblems("keyspaces[0].shards", 3)[0]?.reason).toContain("must be a power of two from 1 to 256");
});

const orders = (shards: number, reshardTo?: number): Partitions => ({
  name: "orders",
  shards,
  ...(reshardTo === undefined ? {} : { reshardTo }),
});

test.each<[string, Partitions[], Partitions, string | undefined]>([
  ["a first one", [], orders(4), undefined],
  ["no change", [orders(4)], orders(4), undefined],
  ["the new shards beside the old ones", [orders(4)], orders(4, 8), undefined],
  ["the old ones gone", [orders(4, 8)], orders(8), undefined],
  ["fewer, the same way", [orders(8, 4)], orders(4), undefined],
  ["taken back", [orders(4, 8)], orders(4), undefined],
  ["in place", [orders(4)], orders(8), "keyspaces[0].shards"],
  ["in place, while others come", [orders(4)], orders(8, 16), "keyspaces[0].shards"],
  ["to what no rows moved to", [orders(4, 8)], orders(16), "keyspaces[0].shards"],
  ["to another number while rows move", [orders(4, 8)], orders(4, 16), "keyspaces[0].reshardTo"],
  ["two steps at once", [orders(4, 8)], orders(8, 16), "keyspaces[0].reshardTo"],
])("resharding: %s", (_, previous, wanted, path) => {
  expect(reshardErrors(previous, [wanted]).map((error) => error.path)).toEqual(path === undefined ? [] : [path]);
});

test("a change in place says what to do instead", () => {
  const [error] = reshardErrors([orders(4)], [orders(8)]);
  expect(error?.reason).toContain("keep it, set reshardTo: 8");
});

test("any sequence of accepted steps only ever removes shards that others stand beside", () => {
  const anyState = fc.record({ shards: anyCount, reshardTo: fc.option(anyCount, { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(anyState, { minLength: 2, maxLength: 20 }), (states) => {
      let [current] = states.map(({ shards, reshardTo }) => orders(shards, reshardTo));
      for (const { shards, reshardTo } of states.slice(1)) {
        const next = orders(shards, reshardTo);
        if (current === undefined || reshardErrors([current], [next]).length > 0) continue;
        // What serves afterwards was there before.
        expect(partitionings(current)).toContain(next.shards);
        current = next;
      }
    }),
  );
});
