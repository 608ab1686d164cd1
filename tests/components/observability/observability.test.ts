import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { dashboards } from "../../../components/observability/dashboards";
import { AccessLogs, meshTelemetryConfig, meshTelemetrySpec } from "../../../components/observability/mesh-telemetry";
import { observabilityProblems } from "../../../components/observability/observability";
import { degradedMetric, series } from "../../../components/observability/series";
import { alertKey, alertsOf, emittedResources, observed, recordsOf, ruleGroups } from "./emitted";

const resources = emittedResources();
const groups = resources.then(ruleGroups);

test("the resources, and what they ask for", async () => {
  const byUrn = (await resources).map(({ urn, props }) => [urn.split("::").slice(2).join("::"), props] as const).sort();
  expect(Object.fromEntries(byUrn)).toMatchSnapshot();
});

test("every alert leads to its section of the runbooks", async () => {
  const page = readFileSync(join(__dirname, "../../../docs/runbooks.md"), "utf8");
  const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);
  const alerts = alertsOf(await groups);
  for (const { alert, annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
  }
  expect(sections).toEqual(expect.arrayContaining(alerts.map(({ alert }) => alert)));
});

test("every alert pages or files a ticket, and no two are the same", async () => {
  const alerts = alertsOf(await groups);
  expect(new Set(alerts.map(alertKey)).size).toBe(alerts.length);
  for (const { labels } of alerts) expect(["page", "ticket"]).toContain(labels.severity);
});

test("every series of ours that is read is recorded, or a service reports it", async () => {
  const recorded = new Set([...recordsOf(await groups).map(({ record }) => record), degradedMetric]);
  const expressions = [
    ...(await groups).flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
  ];
  const read = new Set(expressions.flatMap((expression) => expression.match(/omega[:_][a-z0-9_:]+/g) ?? []));
  for (const name of [...read, ...Object.values(series)]) expect(recorded).toContain(name);
});

test("graphs don't overlap and have ids of their own", () => {
  for (const { panels } of dashboards) {
    const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
    expect(new Set(places).size).toBe(panels.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  }
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
});

test("every pipeline of the collectors limits its memory first, and names only what is configured", async () => {
  const configurations = (await resources)
    .filter(({ type, name }) => type.endsWith(":ConfigMap") && name.endsWith("-configuration"))
    .map(({ props }) => parse((props.data as Record<string, string>)["configuration.yaml"] ?? ""));
  expect(configurations).toHaveLength(2);
  for (const { service, ...configured } of configurations) {
    for (const pipeline of Object.values<Record<string, string[]>>(service.pipelines)) {
      expect(pipeline.processors?.[0]).toBe("memory_limiter");
      for (const [kind, names] of Object.entries(pipeline)) {
        expect(Object.keys(configured[kind])).toEqual(expect.arrayContaining(names));
      }
    }
    expect(Object.keys(configured.extensions).sort()).toEqual([...service.extensions].sort());
  }
});

test("the backend's credentials are in no resource: the pod gets them from the Secret", async () => {
  const deployment = (await resources).find(({ type }) => type.endsWith(":Deployment"));
  expect(JSON.stringify(deployment?.props)).toContain(
    '"secretKeyRef":{"key":"authorization","name":"telemetry-backend"}',
  );
});

test("without credentials no header is sent", async () => {
  const plain = await emittedResources({ ...observed, backend: { host: "otlp.example.com" } });
  expect(JSON.stringify(plain)).not.toContain("BACKEND_AUTHORIZATION");
});

test("the provider that traces are sent by is the one that the mesh is given", () => {
  const names = meshTelemetryConfig("monitoring").extensionProviders.map(({ name }) => name);
  expect(meshTelemetrySpec({}).tracing?.flatMap(({ providers }) => providers.map(({ name }) => name))).toEqual(names);
});

test("all access is logged only where that is asked for", () => {
  const filters = (accessLogs?: AccessLogs) =>
    meshTelemetrySpec(accessLogs === undefined ? {} : { accessLogs }).accessLogging?.map(({ filter }) => filter);
  expect(filters()).toEqual([{ expression: expect.stringContaining("response.code >= 500") }]);
  expect(filters(AccessLogs.All)).toEqual([undefined]);
});

test("every problem of the arguments is reported, each with its path", () => {
  const wrong = {
    ...observed,
    traceSamplingPercent: 101,
    backend: { host: "otlp.example.com", port: 0 },
    objectives: [{ service: "catalog", namespace: "shop", availabilityPercent: 100 }],
  };
  expect(observabilityProblems(wrong).map(({ path }) => path)).toEqual([
    "objectives[0].availabilityPercent",
    "traceSamplingPercent",
    "backend.port",
  ]);
});
