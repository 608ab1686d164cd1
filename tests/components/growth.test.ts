import { eventPlan, eventProblems } from "../../components/events/event-plan";
import { routeProblems } from "../../components/gateway/route-problems";
import { Bulkhead } from "../../components/mesh/bulkheads";
import { callersOf, contractGraphProblems } from "../../components/service/contract-graph";

/** Work is counted, not timed: how often a list's things are looked at. */
class Counter {
  reads = 0;

  /** The same thing, each of whose properties counts when it is read. */
  watch<Thing extends object>(thing: Thing): Thing {
    return new Proxy(thing, {
      get: (target, key, receiver): unknown => {
        this.reads++;
        return Reflect.get(target, key, receiver);
      },
    });
  }
}

/** Types of events have no digits. */
const word = (index: number): string =>
  (index < 26 ? "" : word(Math.floor(index / 26))) + String.fromCharCode(97 + (index % 26));

const many = <Thing extends object>(counter: Counter, count: number, make: (index: number) => Thing): Thing[] =>
  Array.from({ length: count }, (_, index) => counter.watch(make(index)));

const node = (count: number) => (index: number) => ({
  name: `service-${index}`,
  bulkhead: Bulkhead.Standard,
  publishes: [`${word(index)}.*`],
  consumes: index + 1 < count ? [`${word(index + 1)}.*`] : [],
  dependencies:
    index + 1 < count ? [{ service: `service-${index + 1}`, bulkhead: Bulkhead.Standard, idempotent: true }] : [],
});
const topic = (index: number) => ({ name: `topic-${index}`, events: [`${word(index)}.*`] });
const route = (index: number) => ({
  ...{ name: `route-${index}`, path: `/route-${index}`, timeoutMilliseconds: 1000 },
  backends: [{ service: `service-${index}` }],
});

/** What each does with so many things, none of them wrong. */
const works: Record<string, (counter: Counter, count: number) => unknown[]> = {
  "who calls whom": (counter, count) => {
    const services = many(counter, count, node(count));
    expect(services.flatMap(({ name }) => callersOf(name, services))).toHaveLength(count - 1);
    return [];
  },
  "cycles of contracts": (counter, count) => contractGraphProblems(many(counter, count, node(count))),
  "topics and their events": (counter, count) =>
    eventProblems(many(counter, count, topic), many(counter, count, node(count))),
  "who may publish and consume": (counter, count) => {
    const plan = eventPlan(many(counter, count, topic), many(counter, count, node(count)));
    expect(plan.topics.flatMap(({ subscriptions }) => subscriptions)).toHaveLength(count - 1);
    return [];
  },
  "routes of the gateway": (counter, count) => routeProblems(many(counter, count, route), ["shop.example"]),
};

test.each(Object.entries(works))("%s: ten times as many are ten times the work", (_, work) => {
  const readsOf = (count: number): number => {
    const counter = new Counter();
    expect(work(counter, count)).toEqual([]);
    return counter.reads;
  };
  const [some, many] = [readsOf(30), readsOf(300)];
  expect(some).toBeGreaterThan(30);
  expect(many).toBeLessThan(11 * some);
});
