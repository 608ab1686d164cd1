import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventAlertGroups } from "../../components/events/alert-rules";
import { provideTools } from "../../rehearsal/toolchain";
import { healthy, scenarios } from "../components/events/alert-scenarios";
import { alertsOf } from "../components/observability/emitted";
import { run } from "./support";

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "omega-event-alerts-"));
const rulesFile = join(folder, "rules.json");
const groups = eventAlertGroups({ namespace: "kafka", minInSyncReplicas: 2, hasOwnBrokers: true, runbooksUrl: "" });
const alerts = alertsOf(groups);
let promtool: string;

beforeAll(async () => {
  ({ promtool } = await provideTools(["promtool"]));
  // JSON is YAML.
  writeFileSync(rulesFile, JSON.stringify({ groups }));
});

afterAll(() => rmSync(folder, { recursive: true }));

test("promtool finds nothing wrong with the rules", async () => {
  const { code, output } = await run(promtool, ["check", "rules", "--lint=all", "--lint-fatal", rulesFile]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
});

test.each(scenarios)("$name: exactly $fires", async ({ changes, minutes, fires }) => {
  const input = Object.entries({ ...healthy, ...changes }).filter(([, values]) => values !== undefined);
  const samples = fires.map((name) => {
    const severity = alerts.find(({ alert }) => alert === name)?.labels.severity;
    return { labels: `{alertname="${name}", severity="${severity}"}`, value: 1 };
  });
  const expr = 'group by (alertname, severity) (ALERTS{alertstate="firing"})';
  const test = {
    interval: "15s",
    input_series: input.map(([series, values]) => ({ series, values })),
    promql_expr_test: [{ expr, eval_time: `${minutes}m`, exp_samples: samples }],
  };
  const file = join(folder, "test.json");
  writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: "30s", tests: [test] }));
  const { code, output } = await run(promtool, ["test", "rules", file]);
  expect({ code, output: output.trim() }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
});

test("each alert has a case in which it fires and one in which it almost does", () => {
  const all = alerts.map(({ alert }) => alert).sort();
  expect([...new Set(scenarios.flatMap(({ fires }) => fires))].sort()).toEqual(all);
  expect([...new Set(scenarios.flatMap(({ almost }) => almost ?? []))].sort()).toEqual(all);
});
