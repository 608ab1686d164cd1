import fc from "fast-check";
import { CacheEngine } from "../../../components/cache/engines/engine";
import { withDefaults } from "../../../components/cache/settings";
import { replicaSize } from "../../../components/cache/size";
import { snapshotProblems, snapshotSchedule } from "../../../components/cache/snapshots";

test("Dragonfly starts: 256 MiB for each thread; and is not killed where it would still refuse writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 512 }), (gibibytes) => {
      const { dataMebibytes, threads } = replicaSize(gibibytes);
      expect(dataMebibytes).toBeGreaterThanOrEqual(256 * threads);
      expect(1.25 * dataMebibytes).toBeLessThan(1024 * gibibytes);
    }),
  );
});

test("a volume has room for a snapshot and the one before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 512 }), (gibibytes) => {
      const { dataMebibytes, volumeGibibytes } = replicaSize(gibibytes);
      expect(1024 * volumeGibibytes).toBeGreaterThanOrEqual(2 * dataMebibytes);
    }),
  );
});

const allowed = Array.from({ length: 1500 }, (_, minutes) => minutes).filter(
  (everyMinutes) => snapshotProblems("snapshots", { everyMinutes }).length === 0,
);

test("snapshots come at times that a schedule can tell", () => {
  expect(allowed).toEqual([5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]);
});

/** Minutes of a day that a schedule of ours names. */
function minutesOf(schedule: string): number[] {
  const [minute = "", hour = ""] = schedule.split(" ");
  const matches = (field: string, value: number) => {
    if (field === "*") return true;
    return field.startsWith("*/") ? value % Number(field.slice(2)) === 0 : value === Number(field);
  };
  return Array.from({ length: 1440 }, (_, each) => each).filter(
    (each) => matches(minute, each % 60) && matches(hour, Math.floor(each / 60)),
  );
}

test.each(allowed)("every %i minutes, day after day", (everyMinutes) => {
  const times = minutesOf(snapshotSchedule(everyMinutes));
  expect(times).toHaveLength(1440 / everyMinutes);
  times.forEach((time, index) => expect(((times[index + 1] ?? 1440) - time) % 1440).toBe(everyMinutes % 1440));
});

describe("what is promised for the loss of a cache", () => {
  const base = { engine: CacheEngine.Dragonfly, clientsNamespace: "shop", clients: ["cart"] };
  const recovery = (given: object) => withDefaults({ ...base, ...given }).recovery;

  test("without snapshots is what lived, with them what came since", () => {
    expect(recovery({})).toEqual({ pointSeconds: 3660, timeSeconds: 600 });
    expect(recovery({ snapshots: {} })).toEqual({ pointSeconds: 1800, timeSeconds: 600 });
    expect(recovery({ snapshots: {}, engine: CacheEngine.ElastiCache })).toMatchObject({ pointSeconds: 86_400 });
  });

  test("is what somebody says, if he does", () => {
    const own = { pointSeconds: 60, timeSeconds: 60 };
    expect(recovery({ recovery: own })).toEqual(own);
  });
});
