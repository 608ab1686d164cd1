import { meshTelemetryConfig, meshTelemetrySpec } from "../../../components/observability/mesh-telemetry";

const typed = (name: string) => ({ "@type": `type.googleapis.com/envoy.${name}` });
const at = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });

interface Ports {
  admin: number;
  listener: number;
  /** Where nobody listens. */
  upstream: number;
}

/** As istiod names them: port, class and host. */
const callees = {
  inside: "outbound|8080|critical|catalog.shop.svc.cluster.local",
  outside: "outbound|80|standard|api.example.com",
};

/**
 * A proxy with two callees that nobody answers for, with the statistics of Istio's bootstrap and of the emitted mesh
 * configuration, and the emitted access log filter. `/fine` is answered by the proxy, `/outside` and all else by the callees.
 */
export function envoyConfiguration(ports: Ports, accessLog: string): object {
  const expression = meshTelemetrySpec({}).accessLogging?.[0]?.filter?.expression;
  const patterns = meshTelemetryConfig("monitoring").defaultConfig.proxyStatsMatcher.inclusionRegexps;
  const cluster = (name: string) => ({
    name,
    // What istiod appends; Istio's bootstrap takes the name up to it as the label.
    alt_stat_name: `${name};`,
    type: "STATIC",
    connect_timeout: "1s",
    outlier_detection: { consecutive_5xx: 5, base_ejection_time: "300s", max_ejection_percent: 100 },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: at(ports.upstream) } }] }],
    },
  });
  return {
    admin: { address: at(ports.admin) },
    stats_config: {
      use_all_default_tags: false,
      stats_tags: [{ tag_name: "cluster_name", regex: "^cluster(\\.(.+);)" }],
      stats_matcher: { inclusion_list: { patterns: patterns.map((regex) => ({ safe_regex: { regex } })) } },
    },
    static_resources: {
      listeners: [
        {
          name: "caller",
          address: at(ports.listener),
          filter_chains: [
            {
              filters: [
                {
                  name: "envoy.filters.network.http_connection_manager",
                  typed_config: {
                    ...typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
                    stat_prefix: "caller",
                    access_log: [
                      {
                        name: "envoy.access_loggers.file",
                        filter: {
                          extension_filter: {
                            name: "envoy.access_loggers.extension_filters.cel",
                            typed_config: {
                              ...typed("extensions.access_loggers.filters.cel.v3.ExpressionFilter"),
                              expression,
                            },
                          },
                        },
                        typed_config: {
                          ...typed("extensions.access_loggers.file.v3.FileAccessLog"),
                          path: accessLog,
                          log_format: { text_format_source: { inline_string: "%REQ(:PATH)% %RESPONSE_CODE%\n" } },
                        },
                      },
                    ],
                    route_config: {
                      virtual_hosts: [
                        {
                          name: "all",
                          domains: ["*"],
                          routes: [
                            { match: { prefix: "/fine" }, direct_response: { status: 200 } },
                            { match: { prefix: "/missing" }, direct_response: { status: 404 } },
                            { match: { prefix: "/outside" }, route: { cluster: callees.outside } },
                            { match: { prefix: "/" }, route: { cluster: callees.inside } },
                          ],
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: "envoy.filters.http.fault",
                        typed_config: {
                          ...typed("extensions.filters.http.fault.v3.HTTPFault"),
                          delay: { header_delay: {}, percentage: { numerator: 100 } },
                        },
                      },
                      {
                        name: "envoy.filters.http.router",
                        typed_config: typed("extensions.filters.http.router.v3.Router"),
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: Object.values(callees).map(cluster),
    },
  };
}
