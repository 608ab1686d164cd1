import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dashboards } from "../../components/observability/dashboards";
import type { AlertingRule, Relabeling, RuleGroup } from "../../components/observability/prometheus-operator";
import { proxyMonitorSpec } from "../../components/observability/scraping";
import { series } from "../../components/observability/series";
import { provideTools } from "../../rehearsal/toolchain";
import { scenarios } from "../components/observability/alert-scenarios";
import { alertKey, alertsOf, emittedResources, ruleGroups } from "../components/observability/emitted";
import { envoyConfiguration } from "../components/observability/envoy-configuration";
import { healthy, type Input } from "../components/observability/scraped";
import { freePort } from "./data-plane/ports";
import { RunningProgram } from "./data-plane/processes";
import { run } from "./support";

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "omega-alerts-"));
const rulesFile = join(folder, "rules.json");
let promtool: string;
let groups: RuleGroup[];
let alerts: AlertingRule[];

beforeAll(async () => {
  ({ promtool } = await provideTools(["promtool"]));
  groups = ruleGroups(await emittedResources());
  alerts = alertsOf(groups);
  // JSON is YAML.
  writeFileSync(rulesFile, JSON.stringify({ groups }));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Expectation {
  expr: string;
  /** Labels of each sample that is expected, with its value. */
  samples: { labels: string; value: number }[];
}

async function expectFrom(input: Input, minutes: number, expectations: Expectation[]): Promise<void> {
  const file = join(folder, "test.json");
  const test = {
    interval: "15s",
    input_series: Object.entries(input).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: expectations.map(({ expr, samples }) => ({
      expr,
      eval_time: `${minutes}m`,
      exp_samples: samples,
    })),
  };
  writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: "30s", tests: [test] }));
  const { code, output } = await run(promtool, ["test", "rules", file]);
  expect({ code, output: output.trim() }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
}

function labelsOf(key: string): string {
  const alert = alerts.find((each) => alertKey(each) === key);
  if (alert === undefined) throw new Error(`There is no alert ${key}`);
  const labels = { alertname: alert.alert, ...alert.labels };
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ")}}`;
}

test("promtool finds nothing wrong with the emitted rules", async () => {
  const { code, output } = await run(promtool, ["check", "rules", "--lint=all", "--lint-fatal", rulesFile]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
});

test.each(scenarios)("$name: exactly $fires", async ({ changes, minutes, fires }) => {
  const input = Object.entries({ ...healthy, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const expr = 'group by (alertname, severity, window) (ALERTS{alertstate="firing"})';
  const samples = fires.map((key) => ({ labels: labelsOf(key), value: 1 }));
  await expectFrom(Object.fromEntries(input), minutes, [{ expr, samples }]);
});

test("each alert has a case in which it fires and one in which it almost does", () => {
  const all = alerts.map(alertKey).sort();
  const firing = new Set(scenarios.flatMap(({ fires }) => fires));
  const quiet = new Set(
    scenarios.flatMap(({ almost, fires }) => (almost === undefined || fires.includes(almost) ? [] : [almost])),
  );
  expect([...firing].sort()).toEqual(all);
  expect([...quiet].sort()).toEqual(all);
});

describe("the series that chaos reads", () => {
  const at = 'namespace="shop", service="catalog"';
  const request = (code: number) =>
    `istio_requests_total{namespace="shop", service="cart", reporter="source", response_code="${code}", ` +
    'destination_service_namespace="shop", destination_service_name="catalog"}';
  const bucket = (le: string) =>
    'istio_request_duration_milliseconds_bucket{namespace="shop", service="cart", reporter="source", ' +
    `destination_service_namespace="shop", destination_service_name="catalog", le="${le}"}`;

  test("are labelled by the callee alone", async () => {
    const input = {
      [request(200)]: "0+90x40",
      [request(503)]: "0+10x40",
      [bucket("100")]: "0+98x40",
      [bucket("200")]: "0+100x40",
      [bucket("+Inf")]: "0+100x40",
    };
    await expectFrom(input, 5, [
      { expr: series.errorRatio, samples: [{ labels: `${series.errorRatio}{${at}}`, value: 0.1 }] },
      { expr: `round(${series.latencyP99})`, samples: [{ labels: `{${at}}`, value: 150 }] },
    ]);
  });

  test("are 0, not absent, for a service that never failed", async () => {
    await expectFrom({ [request(200)]: "0+90x40" }, 5, [
      { expr: series.errorRatio, samples: [{ labels: `${series.errorRatio}{${at}}`, value: 0 }] },
    ]);
  });

  test("are absent while nobody calls", async () => {
    const input = {
      [request(200)]: "0+90x20 1800x60",
      [bucket("100")]: "0+90x20 1800x60",
      [bucket("+Inf")]: "0+90x20 1800x60",
    };
    await expectFrom(input, 15, [
      { expr: series.errorRatio, samples: [] },
      { expr: series.latencyP99, samples: [] },
    ]);
  });
});

describe("a real proxy, scraped by a real Prometheus as the emitted monitor says", () => {
  const programs: RunningProgram[] = [];
  let proxy: string;
  let accessLog: string;
  let query: (expression: string) => Promise<{ metric: Record<string, string>; value: [number, string] }[]>;

  beforeAll(async () => {
    const { envoy, prometheus } = await provideTools(["envoy", "prometheus"]);
    const [admin, listener, upstream, web] = [await freePort(), await freePort(), await freePort(), await freePort()];
    proxy = `http://127.0.0.1:${listener}`;
    accessLog = join(folder, "access.log");
    const start = (name: string, command: string, args: string[], configuration: object) => {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, JSON.stringify(configuration));
      const program = new RunningProgram({
        command,
        args: args.map((argument) => argument.replace("FILE", file)),
        folder,
        logFile: join(folder, `${name}.log`),
      });
      programs.push(program);
      return program;
    };
    const caller = start(
      "envoy",
      envoy,
      ["-c", "FILE", "--concurrency", "1", "--use-dynamic-base-id", "-l", "warning"],
      envoyConfiguration({ admin, listener, upstream }, accessLog),
    );
    await caller.until(() => isAnswering(`http://127.0.0.1:${admin}/ready`));

    const [endpoint] = proxyMonitorSpec.podMetricsEndpoints;
    const database = start(
      "prometheus",
      prometheus,
      ["--config.file=FILE", `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${web}`],
      {
        global: { scrape_interval: "1s", evaluation_interval: "1s" },
        rule_files: [rulesFile],
        scrape_configs: [
          {
            job_name: "mesh-proxies",
            metrics_path: endpoint?.path,
            static_configs: [{ targets: [`127.0.0.1:${admin}`], labels: { namespace: "shop", service: "cart" } }],
            metric_relabel_configs: (endpoint?.metricRelabelings ?? []).map(inPrometheus),
          },
        ],
      },
    );
    await database.until(() => isAnswering(`http://127.0.0.1:${web}/-/ready`));
    query = async (expression) => {
      const response = await fetch(`http://127.0.0.1:${web}/api/v1/query?query=${encodeURIComponent(expression)}`);
      return ((await response.json()) as { data: { result: Awaited<ReturnType<typeof query>> } }).data.result;
    };
    for (const path of [
      "/fine",
      "/missing",
      ...Array<string>(5).fill("/inside"),
      ...Array<string>(5).fill("/outside"),
    ]) {
      await (await fetch(proxy + path)).text();
    }
    await fetch(`${proxy}/fine?slow`, { headers: { "x-envoy-fault-delay-request": "1100" } });
    await fetch(`http://127.0.0.1:${admin}/reopen_logs`, { method: "POST" });
    const ejected = async () => (await query("envoy_cluster_outlier_detection_ejections_active == 1")).length === 2;
    await database.until(ejected);
  });

  afterAll(() => Promise.all(programs.map((program) => program.stop())));

  test("tells of an open breaker whose it is, inside the mesh and outside", async () => {
    const found = await query("envoy_cluster_outlier_detection_ejections_active == 1");
    const callees = found.map(({ metric }) => [
      metric.destination_service_namespace,
      metric.destination_service_name,
      metric.bulkhead,
    ]);
    expect(callees.sort()).toEqual([
      ["shop", "api.example.com", "standard"],
      ["shop", "catalog", "critical"],
    ]);
  });

  test("reports every statistic of a proxy that a rule or a dashboard reads, and no other", async () => {
    const expressions = JSON.stringify([groups, dashboards]);
    const read = [...new Set(expressions.match(/envoy_cluster_[a-z_]+/g))].sort();
    const reported = await query('group by (__name__) ({__name__=~"envoy_.+"})');
    expect(reported.map(({ metric }) => metric.__name__).sort()).toEqual(read);
  });

  test("logs what failed or was slow, and nothing else", async () => {
    const lines = readFileSync(accessLog, "utf8").trim().split("\n");
    expect([...new Set(lines)].sort()).toEqual(["/fine?slow 200", "/inside 503", "/outside 503"]);
  });
});

async function isAnswering(url: string): Promise<boolean> {
  return (await fetch(url).catch(() => undefined))?.ok ?? false;
}

/** Prometheus' own spelling of a relabelling. */
function inPrometheus({ action = "replace", sourceLabels, regex, targetLabel, replacement }: Relabeling) {
  return { action, source_labels: sourceLabels, regex, target_label: targetLabel, replacement };
}
