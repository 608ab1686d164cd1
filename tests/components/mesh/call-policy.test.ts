import fc from "fast-check";
import { Bulkhead } from "../../../components";
import { callPolicy, callPolicyProblems, escalation, timeBounds } from "../../../components/mesh/call-policy";

const calls = fc.record(
  {
    bulkhead: fc.constantFrom(...Object.values(Bulkhead)),
    timeoutMilliseconds: fc.integer({ min: -10, max: 700_000 }),
    retries: fc.integer({ min: -1, max: 7 }),
    perTryMilliseconds: fc.integer({ min: -10, max: 700_000 }),
    idempotent: fc.boolean(),
  },
  { requiredKeys: ["bulkhead"] },
);
const milliseconds = (duration: string | undefined) => Number(/^(\d+)ms$/.exec(duration ?? "")?.[1]);

test("what is accepted always ends in time: all tries fit into the timeout", () => {
  fc.assert(
    fc.property(calls, (call) => {
      fc.pre(callPolicyProblems(call, "call").length === 0);
      const { timeout, retries } = timeBounds(callPolicy(call));
      expect(milliseconds(timeout)).toBeGreaterThan(0);
      if (retries?.perTryTimeout !== undefined) {
        expect(milliseconds(retries.perTryTimeout) * (retries.attempts + 1)).toBeLessThanOrEqual(milliseconds(timeout));
      }
    }),
  );
});

test("only a call that may be repeated is tried again when the callee may have done it", () => {
  fc.assert(
    fc.property(calls, (call) => {
      const { retries } = timeBounds(callPolicy(call));
      const conditions = retries?.retryOn?.split(",") ?? [];
      expect(conditions.includes("reset")).toBe(callPolicy(call).idempotent && callPolicy(call).retries !== 0);
    }),
  );
});

test.each([
  [Bulkhead.Critical, "2000ms"],
  [Bulkhead.Standard, "5000ms"],
  [Bulkhead.Background, "60000ms"],
])("a %s call has a timeout without being told one: %s", (bulkhead, timeout) => {
  expect(timeBounds(callPolicy({ bulkhead })).timeout).toBe(timeout);
});

test("every problem is reported with its path", () => {
  const call = { bulkhead: Bulkhead.Standard, timeoutMilliseconds: 100, retries: 2, perTryMilliseconds: 50 };
  expect(callPolicyProblems({ ...call, retries: 6 }, "call")).toEqual([
    { path: "call.retries", reason: "is 6, must be a whole number from 0 to 5" },
    { path: "call.timeoutMilliseconds", reason: "is 100, must be at least 350: 7 tries of 50 ms" },
  ]);
});

test("fallback i gets (i + 2) times the primary's time", () => {
  expect(escalation(300, 3)).toEqual([300, 600, 900, 1200]);
});
