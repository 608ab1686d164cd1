import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provideTools } from "../../rehearsal/toolchain";
import { alertsOf } from "../components/observability/emitted";
import { run } from "./support";

interface AlertScenario {
  name: string;
  /** Of the healthy series; undefined takes one away. */
  changes: Record<string, string | undefined>;
  minutes: number;
  fires: string[];
  almost?: string;
}

interface AlertCases {
  groups: Parameters<typeof alertsOf>[0];
  /** Series where nothing fires, by name and labels, as promtool writes values. */
  healthy: Record<string, string>;
  scenarios: readonly AlertScenario[];
}

/** Tests, by promtool, that in each scenario exactly its alerts fire, and that each alert has a case of both kinds. */
export function testAlerts({ groups, healthy, scenarios }: AlertCases): void {
  const folder = mkdtempSync(join(tmpdir(), "omega-alerts-"));
  const rulesFile = join(folder, "rules.json");
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
}
