import fc from "fast-check";
import { Bulkhead } from "../../../components";
import type { ServiceContract, ServiceDependency } from "../../../components/service/contract";

/** Contracts as somebody may write them: sound ones, for they are about other services and in bounds. */

const token = fc.stringMatching(/^[a-z][a-z-]{0,8}[a-z]$/);
const eventType = fc.stringMatching(/^[a-z]{1,6}\.([a-z]{1,6}|\*)$/);
export const bulkhead = fc.constantFrom(...Object.values(Bulkhead));

const call = {
  bulkhead,
  timeoutMilliseconds: fc.integer({ min: 100, max: 60_000 }),
  retries: fc.integer({ min: 0, max: 5 }),
  idempotent: fc.boolean(),
};
const requiredKeys: ["bulkhead"] = ["bulkhead"];

/** To services of this list. */
export function dependenciesOn(services: string[]): fc.Arbitrary<ServiceDependency[]> {
  const targets = fc.shuffledSubarray(services, { minLength: 1, maxLength: 3 });
  const dependency = fc.tuple(targets, fc.record(call, { requiredKeys })).map(([[service, ...fallbacks], bounds]) => ({
    ...{ service: service ?? "", ...bounds },
    ...(fallbacks.length === 0 ? {} : { fallbacks }),
  }));
  return fc.uniqueArray(dependency, {
    maxLength: 4,
    selector: (each) => `${each.service}:${each.bulkhead}`,
  });
}

export function contractOf(name: string, others: string[]): fc.Arbitrary<ServiceContract> {
  return fc.record({
    name: fc.constant(name),
    version: fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((numbers) => numbers.join(".")),
    capabilities: fc.uniqueArray(token, { minLength: 1, maxLength: 4 }),
    owns: fc.uniqueArray(token, { maxLength: 3 }),
    publishes: fc.uniqueArray(eventType, { maxLength: 3 }),
    consumes: fc.uniqueArray(eventType, { maxLength: 3 }),
    dependencies: dependenciesOn(others),
  });
}

export const contract = contractOf("order", ["cart", "catalog", "payment", "search", "shipment"]);
