import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, type Call, get, send } from "./http";
import { freePort } from "./ports";
import { RunningProgram } from "./processes";

export interface EnvoyOptions {
  /** Name of the workload: its `app.kubernetes.io/name` and its ServiceAccount. */
  name: string;
  /** Default `shop`. */
  namespace?: string;
  /** Default `sidecar`, with listeners only where a Sidecar names ports: nothing captures traffic. */
  kind?: "sidecar" | "router";
  /** Further labels of the workload. */
  labels?: Record<string, string>;
  /** Where it is. Default nowhere. */
  locality?: { region: string; zone: string };
  /** Further metadata of the node, as istio-agent would send it. */
  metadata?: Record<string, unknown>;
  /** Port of loopback with a `SecretServer`. Default none: nothing is encrypted. */
  secretsPort?: number;
}

interface Installation {
  command: string;
  folder: string;
  /** Tells proxies apart. */
  instance: number;
  xdsPort: number;
  /** By which istiod knows the workload. */
  token?: string;
}

/** A line of the access log, as far as tests read it. */
interface AccessLogEntry {
  path: string;
  response_code: number;
  response_flags: string;
  response_code_details: string | null;
  route_name: string | null;
  upstream_cluster: string | null;
  upstream_transport_failure_reason: string | null;
}

/** A stock Envoy whose listeners, routes, clusters and endpoints come from istiod. */
export class Envoy {
  private adminPort = 0;
  private process: RunningProgram | undefined;

  constructor(
    private readonly options: EnvoyOptions,
    private readonly installation: Installation,
  ) {}

  async start(): Promise<void> {
    const { command, folder } = this.installation;
    this.adminPort = await freePort();
    const bootstrap = join(folder, "bootstrap.json");
    writeFileSync(
      bootstrap,
      JSON.stringify(bootstrapOf(this.options, { ...this.installation, adminPort: this.adminPort })),
    );
    // One worker, as the pods' annotation says: limits are for each of them.
    const args = ["-c", bootstrap, "--concurrency", "1", "--disable-hot-restart", "--file-flush-interval-msec", "50"];
    this.process = new RunningProgram({ command, args, folder, logFile: join(folder, "log") });
    await this.process.until(() =>
      get(this.adminPort, "/ready").then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }

  /** Waits until the proxy is in some state, e.g. until it has what was applied. */
  async until(condition: (envoy: this) => Promise<boolean>, seconds = 60): Promise<void> {
    await this.process?.until(() => condition(this), seconds);
  }

  async admin(path: string, call: Call = {}): Promise<Answer> {
    return send(this.adminPort, { path, ...call });
  }

  /** Counters and gauges by name, of those whose names match. */
  async stats(filter: string): Promise<Record<string, number>> {
    const { body } = await this.admin(`/stats?filter=${encodeURIComponent(filter)}`);
    const lines = body.split("\n").map((line) => /^(.*): (\d+)$/.exec(line));
    return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1] ?? "", Number(found[2])]] : [])));
  }

  async stat(name: string): Promise<number> {
    return (await this.stats(`^${name.replace(/[.|]/g, "\\$&")}$`))[name] ?? 0;
  }

  accessLog(): AccessLogEntry[] {
    const file = join(this.installation.folder, "access.log");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return lines.filter((line) => line.endsWith("}")).map((line): AccessLogEntry => JSON.parse(line));
  }
}

function bootstrapOf(
  { name, namespace = "shop", kind = "sidecar", labels = {}, locality, metadata = {}, secretsPort }: EnvoyOptions,
  { instance, xdsPort, adminPort, token }: Installation & { adminPort: number },
): object {
  const address = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });
  const source = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };
  // Of no endpoint: a proxy that has an endpoint's address is that endpoint to istiod.
  const ip = `198.18.0.${instance}`;
  return {
    node: {
      id: `${kind}~${ip}~${name}-${instance}.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${name}.${namespace}`,
      ...(locality === undefined ? {} : { locality }),
      metadata: {
        NAMESPACE: namespace,
        SERVICE_ACCOUNT: name,
        LABELS: { "app.kubernetes.io/name": name, ...labels },
        INSTANCE_IPS: ip,
        ISTIO_VERSION: "1.31.0",
        CLUSTER_ID: "Kubernetes",
        ...(kind === "sidecar" ? { INTERCEPTION_MODE: "NONE" } : {}),
        ...metadata,
      },
    },
    admin: { address: address(adminPort) },
    dynamic_resources: {
      ads_config: {
        api_type: "GRPC",
        transport_api_version: "V3",
        grpc_services: [
          {
            envoy_grpc: { cluster_name: "xds-grpc" },
            ...(token === undefined ? {} : { initial_metadata: [{ key: "authorization", value: `Bearer ${token}` }] }),
          },
        ],
      },
      lds_config: source,
      cds_config: source,
    },
    static_resources: {
      clusters: [
        grpcCluster("xds-grpc", xdsPort),
        ...(secretsPort === undefined ? [] : [grpcCluster("sds-grpc", secretsPort)]),
      ],
    },
  };
}

/** As istio-agent's bootstrap names them. */
function grpcCluster(name: "xds-grpc" | "sds-grpc", port: number): object {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return {
    name,
    type: "STATIC",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
}
