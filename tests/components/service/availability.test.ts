import fc from "fast-check";
import { disruptionBudgetSpec, rollingUpdate } from "../../../components/service/availability";

const replicas = fc.integer({ min: 2, max: 10_000 });
const labels = fc.dictionary(fc.constantFrom("app.kubernetes.io/name", "tier"), fc.constantFrom("catalog", "order"), {
  minKeys: 1,
});

/** How many a share is; Kubernetes rounds up both the surge and what may be disrupted. */
const share = (value: unknown, of: number) =>
  typeof value === "string" ? Math.ceil((Number(/^(\d+)%$/.exec(value)?.[1]) * of) / 100) : Number(value);

test("a drain always goes on, and always leaves half of the replicas", () => {
  fc.assert(
    fc.property(replicas, labels, (count, matchLabels) => {
      const { maxUnavailable, selector } = disruptionBudgetSpec(matchLabels);
      expect(share(maxUnavailable, count)).toBeGreaterThanOrEqual(1);
      expect(count - share(maxUnavailable, count)).toBeGreaterThanOrEqual(count / 2);
      expect(selector).toEqual({ matchLabels });
    }),
  );
});

test("a rollout always goes on, with every replica still there", () => {
  fc.assert(
    fc.property(replicas, (count) => {
      const { maxSurge, maxUnavailable } = rollingUpdate.rollingUpdate as Record<string, unknown>;
      expect(share(maxSurge, count)).toBeGreaterThanOrEqual(1);
      expect(share(maxUnavailable, count)).toBe(0);
    }),
  );
});
