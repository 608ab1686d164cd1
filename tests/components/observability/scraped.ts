/** What Prometheus scrapes in a region, and all of it where all is well. */

/** Series and their values, one every 15 seconds, in promtool's notation. */
export type Input = Record<string, string>;

const steps = (minutes: number) => minutes * 4;
export const always = (value: number) => `${value}x${steps(6 * 60)}`;

/** A counter that grows by so much a second for so many minutes, then otherwise. */
export function counter(...phases: [perSecond: number, minutes: number][]): string {
  let value = 0;
  return phases
    .map(([perSecond, minutes]) => {
      const increment = perSecond * 15;
      const text = `${value}+${increment}x${steps(minutes) - 1}`;
      value += increment * steps(minutes);
      return text;
    })
    .join(" ");
}

const toCatalog = 'destination_service_namespace="shop", destination_service_name="catalog"';
const caller = 'namespace="shop", service="cart", pod="cart-0"';
export const requests = (code: number, grpc = "", reporter = "source") =>
  `istio_requests_total{${caller}, ${toCatalog}, reporter="${reporter}", response_code="${code}", grpc_response_status="${grpc}"}`;
export const duration = (suffix: string) =>
  `istio_request_duration_milliseconds_${suffix.replace("{", `{${caller}, ${toCatalog}, reporter="source", `)}`;
export const all = duration("count{}");
export const fast = duration('bucket{le="1000"}');
export const cluster = (metric: string, bulkhead = "critical") =>
  `envoy_cluster_${metric}{${caller}, ${toCatalog}, bulkhead="${bulkhead}"}`;
export const up = (job: string, labels = "") => `up{job="${job}"${labels}}`;
export const certificate = (moment: string) =>
  `certmanager_certificate_${moment}_timestamp_seconds{name="gateway", namespace="gateway"}`;
export const autoscaler = (field: string) =>
  `kube_horizontalpodautoscaler_${field}{namespace="shop", horizontalpodautoscaler="catalog"}`;
const year = 31_536_000;

export const ejections = cluster("outlier_detection_ejections_active");
export const inFlight = cluster("upstream_rq_active");
export const overflow = cluster("upstream_rq_pending_overflow");
export const retryOverflow = cluster("upstream_rq_retry_overflow");
export const degraded =
  'omega_service_degraded{namespace="shop", service="catalog", pod="catalog-0", dependency="search"}';
export const catalogUp = up("mesh-proxies", ', namespace="shop", service="catalog", pod="catalog-0"');
export const istiodUp = up("istiod");
export const rejects = 'pilot_total_xds_rejects{pod="istiod-0", type="lds"}';
export const replicas = autoscaler("status_current_replicas");
export const exportFailures =
  'otelcol_exporter_send_failed_spans_total{job="telemetry-collector", pod="telemetry-collector-0"}';

export const healthy: Input = {
  [requests(200)]: counter([100, 360]),
  [requests(404)]: counter([10, 360]),
  // The callee's own view counts nothing twice.
  [requests(503, "", "destination")]: counter([100, 360]),
  [all]: counter([110, 360]),
  [fast]: counter([110, 360]),
  [ejections]: always(0),
  [inFlight]: always(2),
  [cluster("upstream_rq_pending_active")]: always(0),
  [overflow]: always(0),
  [retryOverflow]: always(0),
  [degraded]: always(0),
  [catalogUp]: always(1),
  [istiodUp]: always(1),
  [rejects]: always(3),
  [certificate("renewal")]: always(year),
  [certificate("expiration")]: always(2 * year),
  [replicas]: always(3),
  [autoscaler("spec_max_replicas")]: always(12),
  [autoscaler("spec_min_replicas")]: always(3),
  [exportFailures]: always(0),
};
