import { readFileSync } from "node:fs";
import { sagasPage } from "../../components/events/saga-diagram";
import { currentSagasPage, sagasPagePath } from "../../stacks/sagas-page";
import { orderSaga } from "../components/events/order-saga";

test("docs/sagas.md is what the dev stack says (else run npm run sagas)", () => {
  expect(readFileSync(sagasPagePath, "utf8")).toBe(currentSagasPage());
});

test("a saga's page has a row for each step, and its diagram", () => {
  const page = sagasPage([orderSaga]);
  expect(page).toContain("## order\n\nCoordinated by `order`.\n");
  expect(page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))).toEqual([
    "| step | answers | by the command | done by | emits | or fails with | undone by |",
    "| create-order |  |  | order | order.created |  | order.cancelled |",
    "| reserve-inventory | order.created | inventory.reserve | inventory | inventory.reserved |  | inventory.release |",
    "| take-payment | inventory.reserved |  | payment | payment.completed | payment.failed | nothing: a payment that fails takes nothing, and one that is made ends the saga |",
  ]);
  expect(page).toContain("```mermaid\nflowchart TB\n");
});
