import { validate } from "../../stacks/validation";
import { orderSaga, orderServices } from "../components/events/order-saga";
import { planned } from "./planned";

const services = orderServices.map((contract) => ({
  ...contract,
  ...{ version: "1.0.0", capabilities: ["shop"], image: `registry.example.com/${contract.name}:1` },
}));
const shop = {
  ...{ scope: "single", environment: "dev", regions: [{ name: "us-east" }], services },
  events: {
    topics: ["order", "payment", "inventory"].map((subject) => ({
      name: `${subject}-topic`,
      events: [`${subject}.*`],
    })),
  },
};

const uncompensated = (step: object) =>
  Object.fromEntries(Object.entries(step).filter(([key]) => key !== "compensation"));

const errorsOf = (input: object) => validate({ ...input }, []).errors.map(({ path, reason }) => `${path}: ${reason}`);

test("the order saga is valid, and ends within a quarter of an hour", () => {
  const { sections, errors } = validate({ ...shop, sagas: [orderSaga] }, []);
  expect(errors).toEqual([]);
  expect(sections?.sagas).toMatchObject([{ name: "order", deadlineSeconds: 900 }]);
});

test.each<[string, object, string[]]>([
  ["a saga without a bus", { events: undefined }, ["sagas: need the section events, and there is none"]],
  [
    "a step without its compensation and an event that no contract consumes, at once",
    {
      sagas: [{ ...orderSaga, steps: orderSaga.steps.map(uncompensated) }],
      services: services.map((service) => (service.name === "payment" ? { ...service, consumes: [] } : service)),
    },
    [
      "sagas[0].steps[0].compensation: is missing: what undoes it when a later step fails, or finality where nothing needs to",
      "sagas[0].steps[1].compensation: is missing: what undoes it when a later step fails, or finality where nothing needs to",
      'sagas[0].steps[2].on: needs "inventory.reserved" in consumes of service "payment"',
    ],
  ],
  [
    "errors of form, judged by themselves",
    { sagas: [{ ...orderSaga, key: "", deadlineSeconds: 0, steps: [{ ...orderSaga.steps[0], emits: "order.*" }] }] },
    [
      'sagas[0].key: must be a property such as "orderId"',
      "sagas[0].deadlineSeconds: must be at least 1",
      'sagas[0].steps[0].emits: must be an event type such as "order.created"',
      "sagas[0].steps: must have at least 2",
    ],
  ],
])("%s", (_, change, expected) => {
  expect(errorsOf({ ...shop, sagas: [orderSaga], ...change })).toEqual(expected);
});

test("its coordinator is told of it, and the stack shows it", async () => {
  const { resources, outputs } = await planned("dev", { "omega:sagas": JSON.stringify([orderSaga]) });
  const configuration = (service: string) => resources.find(({ name }) => name === `${service}-configuration`)?.props;
  const { data } = configuration("order") as { data: Record<string, string> };
  expect(JSON.parse(data.OMEGA_SAGAS ?? "")).toMatchObject([
    { name: "order", ends: ["payment.completed", "payment.failed"] },
  ]);
  expect(JSON.stringify(configuration("payment") ?? {})).not.toContain("OMEGA_SAGAS");
  expect(outputs.sagas).toEqual({ order: expect.stringMatching(/^flowchart TB\n/) });
  expect(resources.map(({ name }) => name)).toEqual(expect.arrayContaining(["saga-order", "saga-order-alerts"]));
});
