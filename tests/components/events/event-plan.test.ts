import fc from "fast-check";
import {
  type EventContract,
  eventPlan,
  eventProblems,
  eventsVariable,
  TopicRight,
} from "../../../components/events/event-plan";
import { common, commonTypes, covers } from "../../../components/events/event-types";
import type { TopicDeclaration } from "../../../components/events/topics";

const subjects = ["order", "cart", "payment"];
const names = ["created", "paid", "failed"];
const allTypes = subjects.flatMap((subject) => names.map((name) => `${subject}.${name}`));
const anyPattern = fc.oneof(
  fc.constantFrom(...allTypes),
  fc.constantFrom(...subjects.map((subject) => `${subject}.*`)),
);
const matching = (pattern: string) => allTypes.filter((type) => covers(pattern, type));

/** Topics that share no type, each with all or some of a subject's. */
const anyTopics: fc.Arbitrary<TopicDeclaration[]> = fc
  .record({
    orders: fc.constantFrom<string[]>(["order.*"], ["order.created", "order.paid"]),
    carts: fc.constantFrom<string[]>(["cart.*"], ["cart.created"]),
    payments: fc.constantFrom<string[]>(["payment.*"], ["payment.failed", "payment.paid"]),
  })
  .chain((topics) => fc.subarray(Object.entries(topics).map(([name, events]) => ({ name, events }))));
const anyServices: fc.Arbitrary<EventContract[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("catalog", "cart", "order", "payment", "shipping"),
    publishes: fc.array(anyPattern, { maxLength: 3 }),
    consumes: fc.array(anyPattern, { maxLength: 3 }),
  }),
  { selector: ({ name }) => name, maxLength: 5 },
);

const orders: TopicDeclaration = { name: "orders", events: ["order.*"] };
const order: EventContract = { name: "order", publishes: ["order.*"], consumes: [] };
const shipping: EventContract = { name: "shipping", publishes: [], consumes: ["order.created"] };

test("two patterns have in common what both match, and nothing else", () => {
  fc.assert(
    fc.property(anyPattern, anyPattern, (one, other) => {
      const both = matching(one).filter((type) => covers(other, type));
      const found = common(one, other);
      expect(found === undefined ? [] : matching(found)).toEqual(both);
      expect(found).toBe(common(other, one));
    }),
  );
});

test("types in common are named once, each by one pattern", () => {
  fc.assert(
    fc.property(fc.array(anyPattern), fc.array(anyPattern), (some, others) => {
      const found = commonTypes(some, others).flatMap(matching);
      const expected = allTypes.filter((type) => [some, others].every((each) => each.some((one) => covers(one, type))));
      expect(found.sort()).toEqual(expected.sort());
    }),
  );
});

test("a contract's publisher and consumer, as the runtime and Kafka are told", () => {
  const { topics, clients } = eventPlan([orders], [order, shipping]);
  expect(topics).toEqual([{ ...orders, subscriptions: clients[1]?.subscriptions }]);
  expect(clients.map(({ service, topics: granted, groups }) => ({ service, granted, groups }))).toEqual([
    { service: "order", granted: [{ topic: "orders", rights: [TopicRight.Publish] }], groups: [] },
    {
      service: "shipping",
      granted: [
        { topic: "orders", rights: [TopicRight.Consume] },
        { topic: "orders.shipping.retry-1", rights: [TopicRight.Publish, TopicRight.Consume] },
        { topic: "orders.shipping.retry-2", rights: [TopicRight.Publish, TopicRight.Consume] },
        { topic: "orders.shipping.dead-letter", rights: [TopicRight.Publish] },
      ],
      groups: ["shipping.orders"],
    },
  ]);
  const [publisher, consumer] = clients.map((client) => JSON.parse(eventsVariable(client)) as unknown);
  expect(publisher).toEqual({ publishes: { "order.*": "orders" }, subscriptions: [] });
  expect(consumer).toEqual({
    publishes: {},
    subscriptions: [
      {
        topic: "orders",
        types: ["order.created"],
        group: "shipping.orders",
        retryTopics: [
          { topic: "orders.shipping.retry-1", delayMilliseconds: 2000 },
          { topic: "orders.shipping.retry-2", delayMilliseconds: 4000 },
        ],
        deadLetterTopic: "orders.shipping.dead-letter",
      },
    ],
  });
});

test("nobody may do what its contract doesn't say", () => {
  fc.assert(
    fc.property(anyTopics, anyServices, (topics, services) => {
      const { clients } = eventPlan(topics, services);
      for (const client of clients) {
        const contract = services.find(({ name }) => name === client.service);
        const own = new Set(
          client.subscriptions.flatMap(({ retryTopics, deadLetterTopic }) => [
            ...retryTopics.map(({ topic }) => topic),
            deadLetterTopic,
          ]),
        );
        const says = (types: string[] | undefined, topic: string) =>
          commonTypes(types ?? [], topics.find(({ name }) => name === topic)?.events ?? []).length > 0;
        for (const { topic, rights } of client.topics) {
          if (own.has(topic)) continue;
          expect(says(contract?.publishes, topic)).toBe(rights.includes(TopicRight.Publish));
          expect(says(contract?.consumes, topic)).toBe(rights.includes(TopicRight.Consume));
        }
        expect(client.groups).toEqual(client.subscriptions.map(({ group }) => group));
      }
    }),
  );
});

test("everybody may do what its contract says", () => {
  fc.assert(
    fc.property(anyTopics, anyServices, (topics, services) => {
      const { clients } = eventPlan(topics, services);
      const granted = (service: string, right: TopicRight) =>
        clients
          .filter((client) => client.service === service)
          .flatMap((client) => client.topics.filter(({ rights }) => rights.includes(right)).map(({ topic }) => topic));
      for (const { name, publishes, consumes } of services) {
        for (const topic of topics) {
          if (commonTypes(publishes, topic.events).length > 0) {
            expect(granted(name, TopicRight.Publish)).toContain(topic.name);
          }
          if (commonTypes(consumes, topic.events).length > 0) {
            expect(granted(name, TopicRight.Consume)).toContain(topic.name);
          }
        }
      }
    }),
  );
});

test("no subscription shares a name with another one or with a topic, and Kafka takes all of them", () => {
  const longest = `a${"b".repeat(62)}`;
  const anyName = fc.constantFrom("orders", "order", "retry-1", "dead-letter", longest);
  fc.assert(
    fc.property(fc.uniqueArray(anyName), fc.uniqueArray(anyName), (topicNames, serviceNames) => {
      const topics = topicNames.map((name, index) => ({ name, events: [`subject${"x".repeat(index)}.*`] }));
      const consumes = topics.flatMap(({ events }) => events);
      const { clients } = eventPlan(
        topics,
        serviceNames.map((name) => ({ name, publishes: [], consumes })),
      );
      const subscriptions = clients.flatMap((client) => client.subscriptions);
      const all = [
        ...topicNames,
        ...subscriptions.flatMap(({ retryTopics, deadLetterTopic }) => [
          ...retryTopics.map(({ topic }) => topic),
          deadLetterTopic,
        ]),
      ];
      expect(subscriptions).toHaveLength(topicNames.length * serviceNames.length);
      expect(new Set(all).size).toBe(all.length);
      expect(new Set(subscriptions.map(({ group }) => group)).size).toBe(subscriptions.length);
      // Kafka names its metrics with _ for each dot, and refuses what would then be the same.
      expect(new Set(all.map((name) => name.replaceAll(".", "_"))).size).toBe(all.length);
      for (const name of all) expect(name).toMatch(/^[a-z0-9.-]{1,249}$/);
    }),
  );
});

test("a type that the runtime publishes has one topic, which carries it", () => {
  fc.assert(
    fc.property(anyTopics, anyServices, (topics, services) => {
      for (const { publishes } of eventPlan(topics, services).clients) {
        for (const [type, topic] of Object.entries(publishes)) {
          const carriers = topics.filter(({ events }) => commonTypes([type], events).length > 0);
          expect(carriers.map(({ name }) => name)).toEqual([topic]);
        }
      }
    }),
  );
});

const problemsOf = (topics: TopicDeclaration[], services: EventContract[]) =>
  eventProblems(topics, services).map(({ path, reason }) => `${path}: ${reason}`);

test("types without a topic, without a publisher or with two topics are refused", () => {
  expect(problemsOf([orders], [order, shipping])).toEqual([]);
  expect(
    problemsOf(
      [
        orders,
        { name: "payments", events: ["payment.*", "order.paid"] },
        { name: "orders", events: ["cart.*", "cart.x"] },
      ],
      [
        { name: "order", publishes: ["shipment.sent", "order.created"], consumes: ["order.*", "stock.low"] },
        { name: "cart", publishes: ["cart.updated"], consumes: ["payment.failed"] },
      ],
    ),
  ).toEqual([
    'topics[1].events[1]: "order.paid" is carried by "orders" too, as "order.*": no type has two topics',
    'topics[2].name: "orders" is taken by topics[0]',
    'topics[2].events[1]: "cart.x" is there already',
    'services[0].publishes[0]: "shipment.sent" is carried by no topic',
    'services[0].consumes[1]: "stock.low" is carried by no topic',
    'services[1].consumes[0]: "payment.failed" is published by no service',
  ]);
});
