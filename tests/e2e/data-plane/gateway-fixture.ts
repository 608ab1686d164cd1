import {
  AgenticService,
  Gateway,
  type GatewayArgs,
  gatewayCaller,
  gatewayPodLabels,
  IssuerKind,
  MeshNamespace,
} from "../../../components";
import { gatewayOnLoopback, onLoopback, readByIstiod, servicePort, workloads } from "./adapt";
import { type Certificate, CertificateAuthority } from "../../certificates";
import { emitted, emittedObjects } from "./emitted";
import type { Envoy } from "./envoy";
import { GatewayClient } from "./gateway-client";
import { Mesh, type MeshObject } from "./mesh";
import { SecretServer } from "./secrets";
import type { Upstream } from "./upstream";

/** Port of the pods for TLS. */
const tlsPort = 8443;
/** Of the gateways. */
export const gatewayNamespace = "gateway";
const namespace = gatewayNamespace;

/** Of a gateway these proofs vary it; the rest is the component's default. */
type Definition = Omit<GatewayArgs, "namespace" | "issuer" | "sources" | "routesNamespace" | "gatewayName">;

/** One replica of a gateway, and who calls it. */
export interface GatewayReplica {
  proxy: Envoy;
  client: GatewayClient;
}

/**
 * Gateways whose proxies get everything from istiod, their certificates too: those are Secrets of the cluster, as
 * cert-manager leaves them. Behind them are services of the namespace `shop`.
 */
export class GatewayFixture {
  readonly mesh = new Mesh({ authenticates: true });
  readonly upstreams: Record<string, Upstream> = {};
  private readonly secretServers: SecretServer[] = [];
  private authority: CertificateAuthority | undefined;

  /** @param proxied service that lets the gateway in alone, by mutual TLS; the others have no proxies. Default none. */
  async start(services: string[], proxied?: string): Promise<void> {
    const { mesh } = this;
    await mesh.start(["shop", namespace]);
    this.authority = new CertificateAuthority(mesh.folder("authority"));
    for (const name of services) this.upstreams[name] = await mesh.upstream(name);
    mesh.apply([
      ...(await emitted(() => ["shop", namespace].forEach((name) => new MeshNamespace(name, { name })))),
      ...services.filter((name) => name !== proxied).map((name) => workloads(name, "HTTP", [this.upstream(name)])),
    ]);
    if (proxied !== undefined) await this.startProxied(proxied);
  }

  upstream(name: string): Upstream {
    const found = this.upstreams[name];
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  private async startProxied(name: string): Promise<void> {
    const address = this.mesh.address();
    const inbound = { application: this.upstream(name).port, protocol: "HTTP" as const };
    const objects = await emitted(() => {
      const contract = { name, version: "1.0.0", capabilities: ["serve"], owns: [], publishes: [], consumes: [] };
      new AgenticService(name, {
        namespace: "shop",
        image: "registry.example/service:1",
        contract: { ...contract, dependencies: [] },
        callers: [gatewayCaller(namespace)],
      });
    });
    this.mesh.apply([
      ...onLoopback(objects, { [name]: { address, inbound } }),
      workloads(name, "HTTP", [{ address, port: servicePort, encrypted: true }]),
    ]);
    const secretsPort = await this.identity("shop", name);
    await this.mesh.proxy({ name, secretsPort }, `${address}:${servicePort}`);
  }

  /** Emits a gateway and starts its proxy. */
  async gateway(name: string, definition: Definition): Promise<GatewayReplica> {
    const configuration = await this.emit(name, definition);
    return this.replica(name, "0", definition, configuration);
  }

  /** A gateway of two replicas. */
  async pair(name: string, definition: Definition): Promise<GatewayReplica[]> {
    const configuration = await this.emit(name, definition);
    return Promise.all(["0", "1"].map((number) => this.replica(name, number, definition, configuration)));
  }

  /** Applies what a gateway emits; answers its proxies' own settings. */
  private async emit(name: string, definition: Definition): Promise<unknown> {
    const objects = await emittedObjects(() => {
      new Gateway(name, {
        ...definition,
        gatewayName: name,
        namespace,
        issuer: { kind: IssuerKind.Issuer, name: "gateway" },
        sources: ["203.0.113.0/24"],
        routesNamespace: "shop",
      });
    });
    const { certificate, key } = this.issue(definition.hosts.map((host) => `DNS:${host}`).join(","));
    this.mesh.apply([
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: secretNameOf(objects), namespace },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificate, "tls.key": key },
      },
      ...readByIstiod(objects),
    ]);
    return proxyConfigurationOf(objects);
  }

  private async replica(
    name: string,
    number: string,
    { hosts: [host = ""] }: Definition,
    configuration: unknown,
  ): Promise<GatewayReplica> {
    const { mesh } = this;
    const address = mesh.address();
    const labels = { ...gatewayPodLabels(name), replica: number };
    mesh.apply([loopback(`${name}-${number}`, labels, address)]);
    const proxy = await mesh.proxy(
      {
        ...{ name, namespace, kind: "router", labels },
        metadata: { PROXY_CONFIG: configuration },
        secretsPort: await this.identity(namespace, name),
      },
      `${address}:${tlsPort}`,
    );
    return { proxy, client: new GatewayClient(address, tlsPort, host, this.authorityCertificate) };
  }

  /** A certificate of the authority that the clients trust. */
  issue(names: string): Certificate {
    if (this.authority === undefined) throw new Error("not started");
    return this.authority.issue(names);
  }

  get authorityCertificate(): string {
    return this.authority?.certificate ?? "";
  }

  async stop(): Promise<void> {
    this.secretServers.forEach((server) => server.stop());
    await this.mesh.stop();
  }

  /** What istio-agent has for a workload; answers the port of its server. */
  private async identity(workloadNamespace: string, account: string): Promise<number> {
    const server = new SecretServer({
      default: this.issue(`URI:spiffe://cluster.local/ns/${workloadNamespace}/sa/${account}`),
      ROOTCA: { authority: this.authorityCertificate },
    });
    this.secretServers.push(server);
    return server.start();
  }
}

/** Nothing but the address: a gateway's replicas listen on all, and where there are no pods each needs one of its own. */
function loopback(name: string, labels: Record<string, string>, address: string): MeshObject {
  const filter = gatewayOnLoopback(namespace, address, tlsPort);
  return {
    ...filter,
    metadata: { ...filter.metadata, name: `${name}-loopback` },
    spec: { ...(filter.spec as object), workloadSelector: { labels } },
  };
}

interface DeploymentObject extends MeshObject {
  spec: { template: { metadata: { annotations: Record<string, string> } } };
}

/** What the injector gives to the proxy. */
function proxyConfigurationOf(objects: MeshObject[]): unknown {
  const deployment = objects.find(({ kind }) => kind === "Deployment") as DeploymentObject | undefined;
  return JSON.parse(deployment?.spec.template.metadata.annotations["proxy.istio.io/config"] ?? "{}");
}

function secretNameOf(objects: MeshObject[]): string {
  const certificate = objects.find(({ kind }) => kind === "Certificate");
  return (certificate?.spec as { secretName: string }).secretName;
}
