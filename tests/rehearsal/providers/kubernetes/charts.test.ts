import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { charts } from "../../../../components/foundation/operators/charts";
import { definitionsOf } from "../../../../rehearsal/providers/kubernetes/charts";

const root = mkdtempSync(join(tmpdir(), "charts-"));
const { OMEGA_CRDS_DIR } = process.env;

beforeAll(() => {
  const sets = ["cert-manager", "chaos-mesh", "dragonfly-operator", "gateway-api", "keda", "prometheus-operator"];
  for (const set of [...sets, "strimzi"]) mkdirSync(join(root, set));
  process.env.OMEGA_CRDS_DIR = root;
});

afterAll(() => {
  if (OMEGA_CRDS_DIR === undefined) delete process.env.OMEGA_CRDS_DIR;
  else process.env.OMEGA_CRDS_DIR = OMEGA_CRDS_DIR;
  rmSync(root, { recursive: true });
});

test("every operator's chart brings its kinds", () => {
  const { metricsServer, ...operators } = charts;
  const sets = Object.values(operators).map(({ chart }) => definitionsOf(chart)?.folder);
  expect(new Set(sets).size).toBe(Object.keys(operators).length);
  expect(sets).not.toContain(undefined);
  expect(definitionsOf(metricsServer.chart)).toBeUndefined();
});

test("an upgrade brings newer kinds, except of a chart that keeps them where Helm leaves them alone", () => {
  expect(definitionsOf(charts.certManager.chart)?.upgraded).toBe(true);
  expect(definitionsOf(charts.chaosMesh.chart)?.upgraded).toBe(false);
});

test("kinds that are not in the rehearsal are an error that names them", () => {
  expect(() => definitionsOf("istio/base")).toThrow("the CRDs of istio are not in this rehearsal");
});
