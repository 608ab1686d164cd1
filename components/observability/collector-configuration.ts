import { stringify } from "yaml";
import { collectorMetricsPort, jobs } from "./scraping";

/** Configurations of the OpenTelemetry Collector, as it reads them. */

/** Name of the Service that takes traces and logs. */
const collectorService = jobs.collector;
export const collectorHost = (namespace: string): string => `${collectorService}.${namespace}.svc.cluster.local`;
/** Where it takes them, by OTLP over gRPC. */
export const otlpPort = 4317;
export const healthPort = 13133;

/** Environment variable with the value of the backend's authorization header. */
export const authorizationVariable = "BACKEND_AUTHORIZATION";

/** Where the log agent sees the node's log files, and where it writes how far it has read them. */
export const podLogs = "/var/log/pods";
export const logPositions = "/var/lib/omega-log-agent";

/** The first of the processors: without it a slow backend would end in a killed collector. */
const processors = {
  memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 25 },
  batch: {},
};

const allAddresses = (port: number) => `0.0.0.0:${port}`;

function service(receiver: string, exporter: string, signals: string[], extensions: string[]) {
  const pipeline = { receivers: [receiver], processors: Object.keys(processors), exporters: [exporter] };
  const prometheus = { host: "0.0.0.0", port: collectorMetricsPort.port };
  return {
    extensions,
    pipelines: Object.fromEntries(signals.map((signal) => [signal, pipeline])),
    telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus } } }] } },
  };
}

const healthCheck = { endpoint: allAddresses(healthPort) };

export interface BackendAddress {
  host: string;
  port: number;
  /** Whether the authorization header is sent. */
  authorizes: boolean;
}

/** Takes from proxies, services and log agents; alone it knows the backend, and its credentials. TLS, checked. */
export function collectorConfiguration({ host, port, authorizes }: BackendAddress): string {
  const headers = { authorization: `\${env:${authorizationVariable}}` };
  return stringify({
    extensions: { health_check: healthCheck },
    receivers: {
      otlp: {
        protocols: {
          grpc: {
            endpoint: allAddresses(otlpPort),
            // A connection outlives many replicas: without an end, new ones would get nothing.
            keepalive: { server_parameters: { max_connection_age: "60s", max_connection_age_grace: "10s" } },
          },
        },
      },
    },
    processors,
    exporters: { otlp_grpc: { endpoint: `${host}:${port}`, ...(authorizes ? { headers } : {}) } },
    service: service("otlp", "otlp_grpc", ["traces", "logs"], ["health_check"]),
  });
}

/** Reads what the node's containers write, and goes on where it stopped. */
export function logAgentConfiguration(namespace: string): string {
  return stringify({
    extensions: { health_check: healthCheck, file_storage: { directory: logPositions } },
    receivers: {
      filelog: {
        include: [`${podLogs}/*/*/*.log`],
        // Its own lines would make further ones.
        exclude: [`${podLogs}/${namespace}_${jobs.logAgent}-*/*/*.log`],
        start_at: "beginning",
        storage: "file_storage",
        operators: [{ type: "container" }],
        retry_on_failure: { enabled: true },
      },
    },
    processors,
    exporters: { otlp_grpc: { endpoint: `${collectorHost(namespace)}:${otlpPort}`, tls: { insecure: true } } },
    service: service("filelog", "otlp_grpc", ["logs"], ["health_check", "file_storage"]),
  });
}
