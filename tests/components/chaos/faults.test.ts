import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { experiments, hitsRequests } from "../../../components/chaos/experiment";
import { requestFaults } from "../../../components/chaos/faults";

test("by default a hundredth is delayed by half a second and a thousandth fails, as the architecture says", () => {
  expect(requestFaults()).toEqual([
    { name: "latency", fault: { delay: { percentage: { value: 1 }, fixedDelay: "500ms" } } },
    { name: "failure", fault: { abort: { percentage: { value: 0.1 }, httpStatus: 503 } } },
  ]);
});

test("each experiment that sends requests has a fault to ask for", () => {
  expect(requestFaults().map(({ name }) => name)).toEqual(experiments.filter(hitsRequests));
});

test("every fault has a share above 0 and at most 10 %, in millionths", () => {
  const probability = fc.double({ min: 0.000001, max: 0.1, noNaN: true });
  fc.assert(
    fc.property(probability, probability, (latencyProbability, failureProbability) => {
      const [latency, failure] = requestFaults({ latencyProbability, failureProbability });
      for (const share of [latency?.fault.delay?.percentage.value, failure?.fault.abort?.percentage.value]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(10);
        expect(String(share)).toMatch(/^\d+(\.\d{1,4})?$/);
      }
    }),
  );
});

test("what is out of bounds is refused, all at once", () => {
  const wrong = { latencyProbability: 0, latencyMilliseconds: 501, failureProbability: NaN };
  expect(() => requestFaults(wrong)).toThrow(pulumi.InputPropertiesError);
  expect(() => requestFaults(wrong)).toThrow(
    /latencyProbability: is 0.*latencyMilliseconds: is 501.*failureProbability: is NaN/,
  );
  expect(() => requestFaults({ latencyMilliseconds: 1.5 })).toThrow(
    "latencyMilliseconds: is 1.5, must be a whole number",
  );
});
