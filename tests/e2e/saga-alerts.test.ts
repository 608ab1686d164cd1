import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sagaAlertGroup } from "../../components/events/saga-alerts";
import { provideTools } from "../../rehearsal/toolchain";
import { orderNeighbours, orderSaga } from "../components/events/order-saga";
import { alertsOf } from "../components/observability/emitted";
import { always } from "../components/observability/scraped";
import { run } from "./support";

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "omega-saga-alerts-"));
const rulesFile = join(folder, "rules.json");
const groups = [sagaAlertGroup(orderSaga, orderNeighbours.topics, "")];
let promtool: string;

const oldest = (pod: string, saga = "order") =>
  `omega_saga_oldest_open_seconds{saga="${saga}", namespace="shop", service="order", pod="${pod}"}`;
const offset = (metric: string, topic: string) =>
  `kafka_topic_partition_${metric}_offset{job="kafka", topic="${topic}", partition="0"}`;
const deadLetters = "inventory.inventory.dead-letter";
const others = "carts.search.dead-letter";
const healthy: Record<string, string> = {
  [oldest("order-1")]: always(60),
  [oldest("order-2")]: always(60),
  [offset("current", deadLetters)]: always(7),
  [offset("oldest", deadLetters)]: always(7),
};

interface Scenario {
  name: string;
  changes: Record<string, string | undefined>;
  fires: string[];
  almost?: string;
}

const scenarios: Scenario[] = [
  { name: "all is well", changes: {}, fires: [] },
  { name: "one waits longer than it should", changes: { [oldest("order-2")]: always(901) }, fires: ["SagaStuck"] },
  { name: "one waits just as long", changes: { [oldest("order-2")]: always(900) }, fires: [], almost: "SagaStuck" },
  {
    name: "another saga waits",
    changes: { [oldest("cart-1", "checkout")]: always(5000) },
    fires: [],
    almost: "SagaStuck",
  },
  {
    name: "nobody says how old the oldest is",
    changes: { [oldest("order-1")]: undefined, [oldest("order-2")]: undefined },
    fires: ["SagaUnwatched"],
  },
  {
    name: "one replica says it",
    changes: { [oldest("order-1")]: undefined },
    fires: [],
    almost: "SagaUnwatched",
  },
  {
    name: "a service of the saga gave up on a message",
    changes: { [offset("current", deadLetters)]: always(8) },
    fires: ["SagaDeadLetters"],
  },
  {
    name: "a service that has no part in it gave up on one",
    changes: { [offset("current", others)]: always(8), [offset("oldest", others)]: always(7) },
    fires: [],
    almost: "SagaDeadLetters",
  },
];

beforeAll(async () => {
  ({ promtool } = await provideTools(["promtool"]));
  writeFileSync(rulesFile, JSON.stringify({ groups }));
});

afterAll(() => rmSync(folder, { recursive: true }));

test("promtool finds nothing wrong with the rules", async () => {
  const { code, output } = await run(promtool, ["check", "rules", "--lint=all", "--lint-fatal", rulesFile]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
});

test.each(scenarios)("$name: exactly $fires", async ({ changes, fires }) => {
  const input = Object.entries({ ...healthy, ...changes }).filter(([, values]) => values !== undefined);
  const test = {
    interval: "15s",
    input_series: input.map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: "30m",
        exp_samples: fires.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
      },
    ],
  };
  const file = join(folder, "test.json");
  writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: "30s", tests: [test] }));
  const { code, output } = await run(promtool, ["test", "rules", file]);
  expect({ code, output: output.trim() }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
});

test("each alert has a case in which it fires and one in which it almost does", () => {
  const all = alertsOf(groups)
    .map(({ alert }) => alert)
    .sort();
  expect([...new Set(scenarios.flatMap(({ fires }) => fires))].sort()).toEqual(all);
  expect([...new Set(scenarios.flatMap(({ almost }) => almost ?? []))].sort()).toEqual(all);
});
