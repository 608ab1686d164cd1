import {
  all,
  always,
  autoscaler,
  catalogUp,
  certificate,
  cluster,
  counter,
  degraded,
  duration,
  ejections,
  exportFailures,
  fast,
  inFlight,
  istiodUp,
  overflow,
  rejects,
  replicas,
  requests,
  retryOverflow,
  up,
} from "./scraped";

/** How what is scraped changes, and what comes of it. */
export interface Scenario {
  name: string;
  /** Series that differ from the healthy ones, or come in addition; undefined takes one away. */
  changes: Record<string, string | undefined>;
  /** When the alerts are looked at. */
  minutes: number;
  /** Every alert that then fires, with its window where several share the name; all others are quiet. */
  fires: string[];
  /** The alert for which this is as near as it gets without a reason to fire. */
  almost?: string;
}

/** Failures that spend the default budget of 0.1 % so many times too fast; slow requests likewise, of 1 %. */
const failing = (factor: number) => ({
  [requests(200)]: undefined,
  [requests(404)]: undefined,
  ...share(factor * 0.001),
});
const share = (bad: number) => ({
  [requests(200, "0")]: counter([1000 * (1 - bad), 30]),
  [requests(503)]: counter([1000 * bad, 30]),
});
const slow = (factor: number) => ({ [all]: counter([110, 30]), [fast]: counter([110 * (1 - factor * 0.01), 30]) });

/** All traffic of two hours fails in part, for some of its minutes. */
const outage = (bad: number, ...[before, during, after]: [number, number, number]) => ({
  [requests(404)]: undefined,
  [requests(200)]: counter([100, before], [100 * (1 - bad), during], [100, after]),
  [requests(503)]: counter([0, before], [100 * bad, during], [0, after]),
});
const windowed = (alert: string, ...windows: string[]) => windows.map((window) => `${alert} ${window}`);
const availability = (...longer: string[]) => windowed("AvailabilityBudgetBurn", ...longer);
const latency = (...longer: string[]) => windowed("LatencyBudgetBurn", ...longer);

const burning: Scenario[] = [
  ["at 20 times the budget", 20, ["1h", "6h", "1d", "3d"], undefined],
  ["at 13 times the budget", 13, ["6h", "1d", "3d"], "1h"],
  ["at 5 times the budget", 5, ["1d", "3d"], "6h"],
  ["at twice the budget", 2, ["3d"], "1d"],
  ["at 0.9 times the budget", 0.9, [], "3d"],
].flatMap((row) => {
  const [name, factor, windows, almost] = row as [string, number, string[], string | undefined];
  const nearly = (alert: string) => (almost === undefined ? {} : { almost: `${alert} ${almost}` });
  return [
    {
      ...{ name: `requests fail ${name}`, changes: failing(factor), minutes: 30, fires: availability(...windows) },
      ...nearly("AvailabilityBudgetBurn"),
    },
    {
      ...{ name: `requests are slow ${name}`, changes: slow(factor), minutes: 30, fires: latency(...windows) },
      ...nearly("LatencyBudgetBurn"),
    },
  ];
});

export const scenarios: Scenario[] = [
  { name: "all is well", changes: {}, minutes: 120, fires: [] },
  ...burning,
  {
    name: "gRPC calls fail with a status that is the server's fault",
    changes: { [requests(200, "14")]: counter([10, 30]) },
    minutes: 30,
    fires: availability("1h", "6h", "1d", "3d"),
  },
  {
    name: "gRPC calls fail with a status that is the caller's fault",
    changes: { [requests(200, "5")]: counter([10, 30]) },
    minutes: 30,
    fires: [],
  },
  {
    name: "callers get no answer",
    changes: { [requests(0)]: counter([10, 30]) },
    minutes: 30,
    fires: availability("1h", "6h", "1d", "3d"),
  },
  {
    name: "a tenth fails for one minute: over 5 minutes that is much, over an hour it is not",
    changes: outage(0.1, 118, 1, 1),
    minutes: 120,
    fires: [],
  },
  {
    name: "an outage of ten minutes that goes on",
    changes: outage(0.2, 110, 10, 1),
    minutes: 120,
    fires: availability("1h", "6h", "1d", "3d"),
  },
  {
    name: "the same outage, over for seven minutes: its page has ended, though the hour's share is still high",
    changes: outage(0.2, 103, 10, 7),
    minutes: 120,
    fires: availability("6h", "1d", "3d"),
  },
  {
    name: "a fifth of few requests fails",
    changes: {
      [requests(200)]: counter([0.02, 30]),
      [requests(404)]: undefined,
      [requests(503)]: counter([0.004, 30]),
    },
    minutes: 30,
    fires: [],
  },
  { name: "nobody calls", changes: { [requests(200)]: undefined, [requests(404)]: undefined }, minutes: 30, fires: [] },
  {
    name: "Prometheus 3 writes the histogram's bounds with a fraction",
    changes: { [fast]: undefined, [duration('bucket{le="1000.0"}')]: counter([110 * 0.5, 30]) },
    minutes: 30,
    fires: latency("1h", "6h", "1d", "3d"),
  },
  {
    name: "an endpoint is ejected again and again",
    changes: { [ejections]: "0x40 1x40" },
    minutes: 20,
    fires: ["BreakerOpen"],
  },
  {
    name: "an endpoint is ejected once, for 30 seconds",
    changes: { [ejections]: "0x70 1x1 0x40" },
    minutes: 20,
    fires: [],
    almost: "BreakerOpen",
  },
  {
    name: "19 of 20 critical places are taken",
    changes: { [inFlight]: always(19) },
    minutes: 20,
    fires: ["BulkheadSaturated"],
  },
  {
    name: "17 of 20 critical places are taken",
    changes: { [inFlight]: always(17) },
    minutes: 20,
    fires: [],
    almost: "BulkheadSaturated",
  },
  {
    name: "all 5 background places are taken",
    changes: { [cluster("upstream_rq_active", "background")]: always(5) },
    minutes: 20,
    fires: ["BulkheadSaturated"],
  },
  { name: "calls are refused", changes: { [overflow]: counter([1, 20]) }, minutes: 20, fires: ["BulkheadOverflow"] },
  {
    name: "calls were refused in one burst",
    changes: { [overflow]: "0x67 100x40" },
    minutes: 20,
    fires: [],
    almost: "BulkheadOverflow",
  },
  {
    name: "retries are given up",
    changes: { [retryOverflow]: counter([1, 20]) },
    minutes: 20,
    fires: ["RetryBudgetExhausted"],
  },
  {
    name: "retries were given up in one burst",
    changes: { [retryOverflow]: "0x67 100x40" },
    minutes: 20,
    fires: [],
    almost: "RetryBudgetExhausted",
  },
  { name: "a dependency is down", changes: { [degraded]: always(1) }, minutes: 20, fires: ["ServiceDegraded"] },
  {
    name: "a dependency was down for two minutes",
    changes: { [degraded]: "0x60 1x8 0x20" },
    minutes: 17,
    fires: [],
    almost: "ServiceDegraded",
  },
  { name: "all replicas run", changes: { [replicas]: always(12) }, minutes: 20, fires: ["AutoscalerAtMaximum"] },
  {
    name: "all replicas but one run",
    changes: { [replicas]: always(11) },
    minutes: 20,
    fires: [],
    almost: "AutoscalerAtMaximum",
  },
  {
    name: "an autoscaler that may not scale",
    changes: { [autoscaler("spec_min_replicas")]: always(3), [autoscaler("spec_max_replicas")]: always(3) },
    minutes: 20,
    fires: [],
  },
  { name: "istiod does not answer", changes: { [istiodUp]: always(0) }, minutes: 20, fires: ["ControlPlaneDown"] },
  { name: "istiod is gone", changes: { [istiodUp]: undefined }, minutes: 20, fires: ["ControlPlaneDown"] },
  {
    name: "one replica of istiod does not answer",
    changes: { [up("istiod", ', pod="istiod-1"')]: always(0) },
    minutes: 20,
    fires: [],
    almost: "ControlPlaneDown",
  },
  {
    name: "a proxy rejects configuration",
    changes: { [rejects]: "3x60 4x20" },
    minutes: 20,
    fires: ["ProxyConfigurationRejected"],
  },
  {
    name: "a proxy rejects configuration for the first time",
    changes: { [rejects]: "_x60 1x20" },
    minutes: 20,
    fires: ["ProxyConfigurationRejected"],
  },
  {
    name: "a proxy rejected configuration a quarter of an hour ago",
    changes: { [rejects]: "3x40 4x80" },
    minutes: 25,
    fires: [],
    almost: "ProxyConfigurationRejected",
  },
  {
    name: "a renewal is two hours late",
    changes: { [certificate("renewal")]: always(0) },
    minutes: 120,
    fires: ["CertificateNotRenewed"],
  },
  {
    name: "a renewal is half an hour late",
    changes: { [certificate("renewal")]: always(5400) },
    minutes: 120,
    fires: [],
    almost: "CertificateNotRenewed",
  },
  {
    name: "a certificate that was not renewed expires within a day",
    changes: { [certificate("renewal")]: always(0), [certificate("expiration")]: always(80_000) },
    minutes: 120,
    fires: ["CertificateNotRenewed", "CertificateExpiring"],
  },
  {
    name: "a short-lived certificate expires within a day, as it should",
    changes: { [certificate("renewal")]: always(40_000), [certificate("expiration")]: always(80_000) },
    minutes: 120,
    fires: [],
    almost: "CertificateExpiring",
  },
  {
    name: "no pod of a service can be scraped",
    changes: { [catalogUp]: always(0) },
    minutes: 20,
    fires: ["ServiceNotScraped"],
  },
  { name: "a service has no pods", changes: { [catalogUp]: undefined }, minutes: 20, fires: ["ServiceNotScraped"] },
  {
    name: "one pod of a service cannot be scraped",
    changes: { [catalogUp.replace("catalog-0", "catalog-1")]: always(0) },
    minutes: 20,
    fires: [],
    almost: "ServiceNotScraped",
  },
  {
    name: "proxies do not report breakers",
    changes: { [ejections]: undefined },
    minutes: 20,
    fires: ["AlertInputMissing"],
  },
  {
    name: "proxies did not report breakers at first",
    changes: { [ejections]: "_x40 0x40" },
    minutes: 20,
    fires: [],
    almost: "AlertInputMissing",
  },
  {
    name: "the backend refuses traces",
    changes: { [exportFailures]: counter([1, 25]) },
    minutes: 25,
    fires: ["TelemetryExportFailing"],
  },
  {
    name: "the backend refused traces for a moment",
    changes: { [exportFailures]: "0x60 50x40" },
    minutes: 25,
    fires: [],
    almost: "TelemetryExportFailing",
  },
];
