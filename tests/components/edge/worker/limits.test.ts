import { array, assert, integer, property, tuple } from "fast-check";
import { Breaker } from "../../../../components/edge/worker/breaker";
import { leaseSize, LimitKeeper } from "../../../../components/edge/worker/limiter";
import { Memory } from "../../../../components/edge/worker/memory";
import { leaseSeconds, SlidingWindow } from "../../../../components/edge/worker/sliding-window";

test("whoever asks, and when: in no minute is more used than the limit", () => {
  const request = tuple(integer({ min: 0, max: 3000 }), integer({ min: 1, max: 20 }));
  assert(
    property(integer({ min: 1, max: 100 }), array(request, { minLength: 1, maxLength: 200 }), (limit, requests) => {
      const window = new SlidingWindow();
      let now = 1_000_000;
      // Each token is used as late as its lease allows, or at once.
      const used = requests.flatMap(([pause, tokens], index) => {
        now += pause;
        const granted = window.take(tokens, limit, now);
        const at = now + (index % 2) * 1000 * leaseSeconds;
        return Array.from({ length: granted }, () => at);
      });
      for (const start of used) {
        expect(used.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(limit);
      }
    }),
  );
});

test("who is refused is told when there is a token again", () => {
  assert(
    property(integer({ min: 1, max: 20 }), integer({ min: 0, max: 999_999 }), (limit, start) => {
      const window = new SlidingWindow();
      expect(window.take(limit, limit, start)).toBe(limit);
      const wait = window.retrySeconds(limit, start);
      expect(window.take(1, limit, start + 1000 * (wait - 1))).toBe(0);
      expect(window.take(1, limit, start + 1000 * wait)).toBe(1);
    }),
  );
});

test("a lease is a second's worth", () => expect([60, 600, 6000, 61].map(leaseSize)).toEqual([1, 10, 100, 2]));

describe("an isolate", () => {
  const window = new SlidingWindow();
  let asked = 0;
  const limiters = {
    idFromName: (name: string) => name,
    get: () => ({
      lease: (tokens: number, perMinute: number) => {
        asked++;
        return Promise.resolve({ granted: window.take(tokens, perMinute, Date.now()), retrySeconds: 7 });
      },
    }),
  };

  test("uses its lease before it asks for another, and is refused at the limit", async () => {
    const keeper = new LimitKeeper();
    const admissions = [];
    for (let index = 0; index < 605; index++) admissions.push(await keeper.admit(limiters, "acme", 600));
    expect(admissions.filter(({ isAdmitted }) => isAdmitted)).toHaveLength(600);
    expect(admissions.at(-1)).toEqual({ isAdmitted: false, retrySeconds: 1 });
    expect(admissions[600]).toEqual({ isAdmitted: false, retrySeconds: 7 });
    expect(asked).toBe(61);
  });

  test("counts for itself while the one that counts is away", async () => {
    const keeper = new LimitKeeper();
    const away = {
      idFromName: (name: string) => name,
      get: () => ({ lease: () => Promise.reject(new Error("away")) }),
    };
    const admissions = [];
    for (let index = 0; index < 61; index++) admissions.push(await keeper.admit(away, "acme", 60));
    expect(admissions.filter(({ isAdmitted }) => isAdmitted)).toHaveLength(60);
    expect(admissions[60]?.retrySeconds).toBeGreaterThan(0);
  });
});

test("a breaker opens after failures in a row, lets one try, and closes when that succeeds", () => {
  const breaker = new Breaker({ consecutiveFailures: 3, openSeconds: 30 });
  const fail = (now: number) => breaker.failed("eu-west", now);
  fail(0);
  fail(1);
  breaker.succeeded("eu-west");
  [2, 3].forEach(fail);
  expect(breaker.admits("eu-west", 4)).toBe(true);
  fail(4);
  expect(breaker.admits("eu-west", 30_003)).toBe(false);
  expect(breaker.admits("us-east", 5)).toBe(true);
  expect([30_004, 30_005].map((now) => breaker.admits("eu-west", now))).toEqual([true, false]);
  fail(30_006);
  expect(breaker.admits("eu-west", 60_005)).toBe(false);
  expect(breaker.admits("eu-west", 60_006)).toBe(true);
  breaker.succeeded("eu-west");
  expect([60_007, 60_008].map((now) => breaker.admits("eu-west", now))).toEqual([true, true]);
});

test("a memory has its bound, and what was used least recently goes first", () => {
  const memory = new Memory<string>(3);
  for (const key of ["a", "b", "c"]) memory.set(key, key, 10);
  expect(memory.get("a", 0)).toBe("a");
  memory.set("d", "d", 10);
  expect(["a", "b", "c", "d"].map((key) => memory.get(key, 0))).toEqual(["a", undefined, "c", "d"]);
  expect(memory.get("a", 10)).toBeUndefined();
  expect(memory.last("a")).toBe("a");
  memory.set("large", "large", 10, 4);
  expect(memory.get("large", 0)).toBeUndefined();
});
