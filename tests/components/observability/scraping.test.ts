import fc from "fast-check";
import type { Relabeling } from "../../../components/observability/prometheus-operator";
import { proxyMonitorSpec } from "../../../components/observability/scraping";

type Labels = Record<string, string>;

/** Relabelling as Prometheus does it, as far as the monitors use it: anchored expressions, `;` between the labels. */
function relabel(labels: Labels, rules: Relabeling[]): Labels | undefined {
  return rules.reduce<Labels | undefined>((current, rule) => {
    if (current === undefined) return undefined;
    const source = (rule.sourceLabels ?? []).map((name) => current[name] ?? "").join(";");
    const match = new RegExp(`^(?:${rule.regex ?? "(.*)"})$`).exec(source);
    if (rule.action === "drop") return match ? undefined : current;
    if (!match || rule.targetLabel === undefined) return current;
    const value = (rule.replacement ?? "$1").replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "");
    return { ...current, [rule.targetLabel]: value };
  }, labels);
}

const [endpoint] = proxyMonitorSpec.podMetricsEndpoints;
const scraped = (labels: Labels) => relabel(labels, endpoint?.metricRelabelings ?? []);
const target = { namespace: "shop", service: "cart" };
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const bulkhead = fc.constantFrom("", "critical", "standard", "background");

test("a callee in the mesh is told by its own namespace and name", () => {
  fc.assert(
    fc.property(name, name, fc.nat(65535), bulkhead, (service, namespace, port, subset) => {
      const cluster_name = `outbound|${port}|${subset}|${service}.${namespace}.svc.cluster.local`;
      expect(scraped({ ...target, __name__: "envoy_cluster_upstream_rq_active", cluster_name })).toMatchObject({
        ...target,
        bulkhead: subset,
        destination_service_namespace: namespace,
        destination_service_name: service,
      });
    }),
  );
});

test("a host outside the mesh is in its caller's namespace", () => {
  expect(
    scraped({
      ...target,
      __name__: "envoy_cluster_upstream_rq_active",
      cluster_name: "outbound|80|standard|api.example.com",
    }),
  ).toMatchObject({
    bulkhead: "standard",
    destination_service_namespace: "shop",
    destination_service_name: "api.example.com",
  });
});

test("what is about no callee stays as it is", () => {
  const labels = { ...target, __name__: "istio_requests_total", destination_service_name: "catalog" };
  expect(scraped(labels)).toEqual(labels);
});

test.each(["envoy_vhost_route_upstream_rq", "envoy_wasm_remote_load", "istio_agent_go_goroutines"])(
  "%s is not kept",
  (__name__) => expect(scraped({ ...target, __name__ })).toBeUndefined(),
);

test.each([
  ["10.0.0.7:15090", "10.0.0.7:15020"],
  ["[fd00::7]:15090", "[fd00::7]:15020"],
])("the target of a pod at %s is %s, where proxy and service answer together", (address, expected) => {
  const labels = { __address__: address, __meta_kubernetes_pod_label_service_istio_io_canonical_name: "cart" };
  expect(relabel(labels, endpoint?.relabelings ?? [])).toMatchObject({
    __address__: expected,
    service: "cart",
    job: "mesh-proxies",
  });
});
