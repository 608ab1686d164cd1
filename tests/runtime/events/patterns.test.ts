import { covers, entryFor } from "../../../runtime/events/patterns";

test.each([
  ["order.created", "order.created", true],
  ["order.*", "order.created", true],
  ["order.created", "order.cancelled", false],
  ["order.*", "orders.created", false],
  ["order.*", "payment.completed", false],
])("%s covers %s: %p", (pattern, type, expected) => {
  expect(covers(pattern, type)).toBe(expected);
});

test("a type's own entry goes before that of its subject", () => {
  const entries = { "order.*": "subject", "order.created": "own" };
  expect(entryFor(entries, "order.created")).toBe("own");
  expect(entryFor(entries, "order.cancelled")).toBe("subject");
  expect(entryFor(entries, "payment.completed")).toBeUndefined();
  expect(entryFor({}, "constructor")).toBeUndefined();
});
