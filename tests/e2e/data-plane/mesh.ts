import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { provideTools } from "../../../rehearsal/toolchain";
import { TestRehearsal } from "../support";
import { withoutIdentities } from "./adapt";
import { Envoy, type EnvoyOptions } from "./envoy";
import { get } from "./http";
import { freePort } from "./ports";
import { RunningProgram } from "./processes";
import { Upstream, type UpstreamProtocol } from "./upstream";

export interface MeshObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; [field: string]: unknown };
  spec?: unknown;
  [field: string]: unknown;
}

/** What the platform's own mesh has, except for what a stock Envoy lacks or a machine without pods can't have. */
const meshConfig = {
  outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
  accessLogFile: "access.log",
  accessLogEncoding: "JSON",
};

/** Filters that are compiled into Istio's Envoy alone. */
const withoutIstioFilters = {
  PILOT_ENABLE_METADATA_EXCHANGE: "false",
  METADATA_EXCHANGE_ADDITIONAL_LABELS: "",
  PILOT_ENABLE_ALPN_FILTER: "false",
};

interface MeshOptions {
  /** Whether proxies show istiod a token of their ServiceAccount, without which it hands out no Secrets. Default no. */
  authenticates?: boolean;
}

/** A real API server with Istio's and the Gateway API's kinds, istiod on it, and any number of Envoys. */
export class Mesh {
  private readonly rehearsal = new TestRehearsal();
  private readonly envoys: Envoy[] = [];
  private readonly upstreams: Upstream[] = [];
  private istiod: RunningProgram | undefined;
  private readonly network = `127.${randomInt(1, 255)}.${randomInt(256)}`;
  private addresses = 0;
  private xdsPort = 0;
  private envoy = "";

  constructor(private readonly options: MeshOptions = {}) {}

  async start(namespaces: string[] = ["shop"]): Promise<void> {
    const tools = await provideTools(["istiod", "envoy", "istio-crds", "gateway-api-crds"]);
    this.envoy = tools.envoy;
    await this.rehearsal.startClusters(
      ["mesh"],
      [
        join(tools["istio-crds"], "kubernetes/customresourcedefinitions.gen.yaml"),
        join(tools["gateway-api-crds"], "config/crd/standard"),
      ],
    );
    for (const namespace of ["istio-system", ...namespaces]) this.kubectl(`create namespace ${namespace}`);
    this.apply([withoutIdentities.peerAuthentication]);
    await this.startIstiod(tools.istiod);
  }

  kubectl(command: string, input?: object): string {
    return this.rehearsal.kubectl(command, input);
  }

  /** Creates or changes the objects. Proxies have them a moment later: see `Envoy.until`. */
  apply(objects: MeshObject[]): void {
    this.kubectl("apply --server-side -f -", { apiVersion: "v1", kind: "List", items: objects });
  }

  /** Starts a server that stands for one replica of a service; its answers' body is its name. */
  async upstream(name: string, protocol: UpstreamProtocol = "http1"): Promise<Upstream> {
    const upstream = new Upstream(name, protocol);
    this.upstreams.push(upstream);
    await upstream.start();
    return upstream;
  }

  /** An address of loopback that no other proxy has. */
  address(): string {
    return `${this.network}.${++this.addresses}`;
  }

  /** Starts an Envoy that gets everything from istiod, and waits until it listens, e.g. on `127.0.0.1:8080`. */
  async proxy(options: EnvoyOptions, listener: string): Promise<Envoy> {
    const folder = this.folder(`${options.name}-${this.envoys.length}`);
    const instance = this.envoys.length + 1;
    const token = this.options.authenticates === true ? this.token(options) : undefined;
    const envoy = new Envoy(options, {
      ...{ command: this.envoy, folder, instance, xdsPort: this.xdsPort },
      ...(token === undefined ? {} : { token }),
    });
    this.envoys.push(envoy);
    await envoy.start();
    await envoy.until(async () => (await envoy.admin("/listeners")).body.includes(listener));
    return envoy;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.envoys, ...this.upstreams].map((each) => each.stop()));
    await this.istiod?.stop();
    await this.rehearsal.remove();
  }

  /** A new folder, gone at the end. */
  folder(name: string): string {
    const folder = join(this.rehearsal.paths.root, "data-plane", name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** As a pod has it, for istiod. */
  private token({ name, namespace = "shop" }: EnvoyOptions): string {
    this.apply([{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } }]);
    return this.kubectl(`create token ${name} --namespace ${namespace} --audience istio-ca`).trim();
  }

  private async startIstiod(command: string): Promise<void> {
    const folder = this.folder("istiod");
    writeFileSync(join(folder, "mesh.yaml"), stringify(meshConfig));
    const [http, grpc, monitoring] = [await freePort(), await freePort(), await freePort()];
    const args = [
      "discovery",
      `--kubeconfig=${this.rehearsal.paths.kubeconfig}`,
      "--meshConfig=mesh.yaml",
      `--httpAddr=127.0.0.1:${http}`,
      `--grpcAddr=127.0.0.1:${grpc}`,
      `--monitoringAddr=127.0.0.1:${monitoring}`,
      "--secureGRPCAddr=",
      "--httpsAddr=",
      "--ctrlz_port=0",
    ];
    const environment = {
      ...withoutIstioFilters,
      POD_NAMESPACE: "istio-system",
      ENABLE_CA_SERVER: "false",
      XDS_AUTH_PLAINTEXT: String(this.options.authenticates === true),
    };
    this.xdsPort = grpc;
    this.istiod = new RunningProgram({ command, args, folder, logFile: join(folder, "log"), environment });
    await this.istiod.until(() =>
      get(http, "/ready").then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }
}
