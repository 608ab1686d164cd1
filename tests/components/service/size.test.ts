import fc from "fast-check";
import { Size } from "../../../components";
import { containerResources, resourceRequirements } from "../../../components/service/size";

const size = fc.constantFrom(...Object.values(Size));
const units: Record<string, number> = { m: 0.001, "": 1, Mi: 2 ** 20, Gi: 2 ** 30 };
const quantity = (text: string) => {
  const [, amount, unit = ""] = /^(\d+)(m|Mi|Gi)?$/.exec(text) ?? [];
  return Number(amount) * (units[unit] ?? Number.NaN);
};

test("the next size is at least twice as much of everything", () => {
  fc.assert(
    fc.property(size, size, (left, right) => {
      const sizes = Object.values(Size);
      fc.pre(sizes.indexOf(left) < sizes.indexOf(right));
      for (const what of ["cpu", "memory"] as const) {
        const [less, more] = [left, right].map((each) => quantity(containerResources(each)[what]));
        expect(more).toBeGreaterThanOrEqual(2 * (less ?? Number.NaN));
      }
    }),
  );
});

test("memory that is used is memory that was asked for, disk is bounded, and idle cores are for everybody", () => {
  const resources = fc.record({
    cpu: fc.integer({ min: 1, max: 64_000 }).map((amount) => `${amount}m`),
    memory: fc.integer({ min: 1, max: 65_536 }).map((amount) => `${amount}Mi`),
  });
  fc.assert(
    fc.property(fc.oneof(resources, size.map(containerResources)), ({ cpu, memory }) => {
      const { requests, limits } = resourceRequirements({ cpu, memory });
      expect(requests).toMatchObject({ cpu, memory });
      expect(quantity(limits.memory)).toBe(quantity(requests.memory));
      expect(limits).not.toHaveProperty("cpu");
      expect(quantity(limits["ephemeral-storage"])).toBeGreaterThanOrEqual(quantity(requests["ephemeral-storage"]));
    }),
  );
});
