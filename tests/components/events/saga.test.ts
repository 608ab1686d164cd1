import * as pulumi from "@pulumi/pulumi";
import { Saga } from "../../../components/events/saga";
import { sagaDeadLetterTopics } from "../../../components/events/saga-alerts";
import {
  eventsOf,
  Finality,
  type SagaDefinition,
  sagasVariable,
  type SagaStep,
} from "../../../components/events/saga-definition";
import { sagaDiagram } from "../../../components/events/saga-diagram";
import { problemsOf, sagaProblems } from "../../../components/events/saga-problems";
import { planProgram } from "../../../rehearsal/engine/plan";
import { orderNeighbours, orderSaga, orderServices } from "./order-saga";

describe("the order saga", () => {
  test("is right", () => {
    expect(problemsOf(orderSaga, orderNeighbours)).toEqual([]);
  });

  test("listens to the architecture's four events and has its two compensations", () => {
    expect(eventsOf(orderSaga)).toEqual(["order.created", "inventory.reserved", "payment.completed", "payment.failed"]);
    expect(orderSaga.steps.flatMap(({ compensation }) => compensation?.type ?? [])).toEqual([
      "order.cancelled",
      "inventory.release",
    ]);
  });

  test("tells its coordinator what to answer to each, and other services nothing", () => {
    expect(JSON.parse(sagasVariable("order", [orderSaga], orderNeighbours.schemas) ?? "")).toEqual([
      {
        name: "order",
        key: "orderId",
        begins: ["order.created"],
        ends: ["payment.completed", "payment.failed"],
        answers: {
          "order.created": [
            { type: "inventory.reserve", version: 1, fields: { orderId: "id", items: "items" }, values: {} },
          ],
          "inventory.reserved": [],
          "payment.completed": [],
          "payment.failed": [
            { type: "inventory.release", version: 1, fields: { orderId: "orderId" }, values: {} },
            {
              ...{ type: "order.cancelled", version: 1 },
              ...{ fields: { orderId: "orderId" }, values: { reason: "payment_failed" } },
            },
          ],
        },
      },
    ]);
    expect(sagasVariable("payment", [orderSaga], orderNeighbours.schemas)).toBeUndefined();
  });

  test("is watched where any of its services gives up on a message", () => {
    expect(sagaDeadLetterTopics(orderSaga, orderNeighbours.topics)).toEqual([
      "inventory.inventory.dead-letter",
      "inventory.order.dead-letter",
      "inventory.payment.dead-letter",
      "orders.order.dead-letter",
      "payments.order.dead-letter",
    ]);
  });

  test("as a diagram", () => {
    expect(sagaDiagram(orderSaga)).toMatchInlineSnapshot(`
     "flowchart TB
       e0["order.created"]
       e1["payment.failed"]
       e2["order.cancelled"]
       e3["inventory.reserve"]
       e4["inventory.reserved"]
       e5["inventory.release"]
       e6["payment.completed"]
       begin((" ")) -->|order| e0
       e1 -.->|order| e2
       e0 -->|order| e3
       e3 -->|inventory| e4
       e1 -.->|order| e5
       e4 -->|payment| e6
       e4 -->|payment| e1
     "
    `);
  });
});

/** The order saga with one step changed, and its problems. */
function changed(index: number, change: Partial<SagaStep>): string[] {
  const steps = orderSaga.steps.map((step, position) => {
    const next = position === index ? { ...step, ...change } : step;
    return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as unknown as SagaStep;
  });
  return problemTexts({ ...orderSaga, steps });
}

const problemTexts = (saga: SagaDefinition, neighbours = orderNeighbours): string[] =>
  problemsOf(saga, neighbours).map(({ path, reason }) => `${path}: ${reason}`);

const [create, reserve, pay] = orderSaga.steps as [SagaStep, SagaStep, SagaStep];

describe("a saga that can't be made", () => {
  test.each<[string, string[], string[]]>([
    [
      "a step without its compensation",
      changed(1, { compensation: undefined } as unknown as Partial<SagaStep>),
      ["steps[1].compensation: is missing: what undoes it when a later step fails, or finality where nothing needs to"],
    ],
    [
      "a compensation that nothing triggers",
      changed(1, {
        compensation: { ...reserve.compensation, on: ["payment.completed"] } as SagaStep["compensation"] & {},
      }),
      [
        'steps[1].compensation.on[0]: "payment.completed" is no failure of a later step, so nothing triggers it',
        'steps[1].compensation.on: must name "payment.failed": "take-payment" fails after this step is done',
      ],
    ],
    [
      "a compensation without any trigger",
      changed(0, { compensation: { ...create.compensation, on: [] } as unknown as SagaStep["compensation"] & {} }),
      [
        "steps[0].compensation.on: must name one failure at least: nothing triggers it",
        'steps[0].compensation.on: must name "payment.failed": "take-payment" fails after this step is done',
      ],
    ],
    [
      "a cycle through a compensation",
      changed(1, {
        compensation: { on: ["payment.failed"], type: "inventory.reserve", fields: { orderId: "orderId" } },
      }),
      [
        "steps[1]: goes in a circle: inventory.reserve → inventory.reserved → payment.failed → inventory.reserve",
        'steps[1].compensation.fields: lack "items", which inventory.reserve must have',
      ],
    ],
    [
      "a cycle of steps",
      changed(0, { on: "payment.completed" }),
      [
        "steps: 0 of them answer no event, and exactly one must: it begins the saga",
        "steps[0]: goes in a circle: payment.completed → order.created → inventory.reserve → inventory.reserved → payment.completed",
      ],
    ],
    [
      "an unknown service",
      changed(2, { service: "bank" }),
      ['steps[2].service: "bank" is no service of this platform'],
    ],
    [
      "an event that nothing emits",
      changed(2, { on: "inventory.counted" }),
      [
        'steps[2].on: "inventory.counted" is emitted by no step of this saga',
        'steps[2].on: needs "inventory.counted" in consumes of service "payment"',
      ],
    ],
    [
      "two steps that answer the same event",
      changed(2, { on: "order.created" }),
      [
        'steps[2].on: "order.created" is that of steps[1]',
        'steps[2].on: needs "order.created" in consumes of service "payment"',
      ],
    ],
    [
      "a command without an event that it answers",
      changed(0, { command: { type: "order.cancelled" } }),
      ["steps[0].command: answers no event: the step has none in on"],
    ],
    [
      "a step that is final and compensated",
      changed(1, { finality: Finality.Retriable }),
      ["steps[1].finality: must not be beside a compensation"],
    ],
    [
      "a pivot without a reason",
      changed(2, { finalityReason: " " }),
      ["steps[2].finalityReason: is missing: why it needs no compensation"],
    ],
    [
      "a retriable step before any pivot, which can fail",
      changed(2, { finality: Finality.Retriable }),
      [
        "steps[2].finality: is retriable, which a step after the pivot alone can be",
        "steps[2].fails: must be empty: a retriable step is tried until it succeeds",
      ],
    ],
    [
      "a compensation that lacks what its readers must have",
      changed(0, { compensation: { on: ["payment.failed"], type: "order.cancelled", fields: { orderId: "orderId" } } }),
      ['steps[0].compensation.fields: lack "reason", which order.cancelled must have'],
    ],
    [
      "data that the cause doesn't have, may leave out, or has as something else",
      changed(1, {
        command: { type: "inventory.reserve", fields: { orderId: "total", items: "lines", colour: "id" } },
      }),
      [
        'steps[1].command.fields.orderId: is "total" of order.created, whose type is object where string is read',
        'steps[1].command.fields.items: is "lines", which is no property of order.created',
        "steps[1].command.fields.colour: is no property of inventory.reserve",
      ],
    ],
    [
      "data without the key",
      changed(1, { command: { type: "inventory.reserve", fields: { items: "items" }, values: { orderId: "o-1" } } }),
      ['steps[1].command.fields: must have "orderId", by which inventory.reserve stays in order'],
    ],
    [
      "a value that its readers refuse",
      changed(0, {
        compensation: {
          ...create.compensation,
          values: { reason: "Payment failed!" },
        } as SagaStep["compensation"] & {},
      }),
      ["steps[0].compensation.values.reason: must match ^[a-z][a-z_]*$"],
    ],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test("contracts that don't publish or consume what it needs are all named", () => {
    const services = orderServices.map(({ name }) => ({ name, publishes: [], consumes: [] }));
    const texts = problemTexts(orderSaga, { ...orderNeighbours, services });
    expect(texts).toEqual([
      'steps[0].emits: needs "order.created" in publishes of service "order"',
      'steps[0].emits: needs "order.created" in consumes of service "order"',
      'steps[0].compensation.type: needs "order.cancelled" in publishes of service "order"',
      'steps[1].command.type: needs "inventory.reserve" in publishes of service "order"',
      'steps[1].command.type: needs "inventory.reserve" in consumes of service "inventory"',
      'steps[1].emits: needs "inventory.reserved" in publishes of service "inventory"',
      'steps[1].emits: needs "inventory.reserved" in consumes of service "order"',
      'steps[1].compensation.type: needs "inventory.release" in publishes of service "order"',
      'steps[1].compensation.type: needs "inventory.release" in consumes of service "inventory"',
      'steps[2].on: needs "inventory.reserved" in consumes of service "payment"',
      'steps[2].emits: needs "payment.completed" in publishes of service "payment"',
      'steps[2].emits: needs "payment.completed" in consumes of service "order"',
      'steps[2].fails[0]: needs "payment.failed" in publishes of service "payment"',
      'steps[2].fails[0]: needs "payment.failed" in consumes of service "order"',
    ]);
  });

  test("an event that no topic carries, or that has no schema, is named once", () => {
    const [orders, payments] = orderNeighbours.topics as [object, object];
    const schemas = orderNeighbours.schemas.filter(({ type }) => type !== "inventory.release");
    const topics = [orders, payments] as typeof orderNeighbours.topics;
    expect(problemTexts(orderSaga, { ...orderNeighbours, topics, schemas })).toEqual([
      'steps[1].command.type: "inventory.reserve" is carried by no topic',
      'steps[1].emits: "inventory.reserved" is carried by no topic',
      'steps[1].compensation.type: "inventory.release" is carried by no topic',
      'steps[1].compensation.type: "inventory.release" has no schema',
    ]);
  });

  test("names and numbers, each with the saga's place", () => {
    const wrong = { ...orderSaga, name: "Order", deadlineSeconds: 0, service: "shop" };
    const found = sagaProblems([orderSaga, orderSaga, wrong], orderNeighbours).map(({ path }) => path);
    expect(found).toEqual(expect.arrayContaining(["[1].name", "[2].name", "[2].deadlineSeconds", "[2].service"]));
    expect(found.some((path) => path.startsWith("[0]"))).toBe(false);
  });

  test("the component refuses it with all of that at once", () => {
    const saga = { ...orderSaga, key: "id", deadlineSeconds: 0.5 };
    const thrown = (() => {
      try {
        return new Saga("order", { namespace: "shop", saga, neighbours: orderNeighbours });
      } catch (error) {
        return error;
      }
    })();
    if (!pulumi.InputPropertiesError.isInstance(thrown)) throw thrown;
    expect(thrown.errors.map(({ propertyPath }) => propertyPath)).toEqual([
      "saga.deadlineSeconds",
      "saga.steps[0].compensation.fields",
      "saga.steps[1].command.fields",
      "saga.steps[1].compensation.fields",
    ]);
  });
});

test("steps after the pivot are retriable, and need no compensation", () => {
  const dispatch: SagaStep = {
    ...{ name: "dispatch", on: "payment.completed", service: "shipping", emits: "shipment.dispatched" },
    ...{ finality: Finality.Retriable, finalityReason: "a parcel that is lost is sent again" },
  };
  const neighbours = {
    ...orderNeighbours,
    topics: [...orderNeighbours.topics, { name: "shipments", events: ["shipment.*"] }],
    services: [
      ...orderServices.map((service) =>
        service.name === "order" ? { ...service, consumes: [...service.consumes, "shipment.dispatched"] } : service,
      ),
      { name: "shipping", publishes: ["shipment.*"], consumes: ["payment.completed"] },
    ],
  };
  expect(problemTexts({ ...orderSaga, steps: [...orderSaga.steps, dispatch] }, neighbours)).toEqual([]);
  const compensated = { ...dispatch, finality: Finality.Pivot };
  expect(problemTexts({ ...orderSaga, steps: [...orderSaga.steps, compensated] }, neighbours)).toEqual([
    'steps[2].finality: is pivot, so "dispatch", which comes after it, must be retriable: there is no way back',
    'steps[3].finality: must not be pivot: "take-payment" is it',
  ]);
  expect(pay.finality).toBe(Finality.Pivot);
});

test("what a saga is in the cluster", async () => {
  const program = async () => {
    new Saga("order-saga", { namespace: "shop", saga: orderSaga, neighbours: orderNeighbours });
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  const graph = resources.map(({ type, name, props }) => ({ type, name, props }));
  expect(graph.sort((left, right) => (left.name < right.name ? -1 : 1))).toMatchSnapshot();
});
