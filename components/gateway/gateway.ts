import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { AuthorizationPolicy, type AuthorizationRule, EnvoyFilter, RequestAuthentication } from "../mesh/istio";
import type { Caller } from "../mesh/routing";
import type { Autoscaling, Replicas } from "../service/autoscaling";
import type { Size } from "../service/size";
import { jwtRule, protectedRules, publicRules, type TokenAuthentication } from "./authentication";
import { Certificate, type IssuerReference, serverCertificateSpec } from "../certificates/certificates";
import { KubernetesGateway, KubernetesHttpRoute, type ObjectReference } from "./gateway-api";
import { gatewayProblems } from "./gateway-problems";
import { limitPatches, type RequestLimits } from "./limits";
import { defaultGatewayName, gatewayPodLabels } from "./proxy";
import { requestPatches } from "./requests";
import { type GatewayRoute, httpRouteRules, routeHosts } from "./routes";
import { makeWorkload } from "./workload";

export interface GatewayArgs {
  /** Name of a mesh namespace that holds nothing else. */
  namespace: pulumi.Input<string>;
  /** DNS label that names its objects, its pods and its ServiceAccount. Default `gateway`. */
  gatewayName?: string;
  /** Hosts that it answers for, e.g. `api.example.com` or `*.example.com`; its certificate names them. One at least. */
  hosts: string[];
  /** Issues its certificate. */
  issuer: IssuerReference;
  /** CIDRs of the edge, each /8 (IPv6: /16) or narrower: nobody else reaches it. One at least. */
  sources: string[];
  /** PEM of the authority whose certificates callers must have, e.g. Cloudflare's for origin pulls. Default: none is asked. */
  clientAuthority?: pulumi.Input<string>;
  /** Name of the mesh namespace of the services that the routes lead to. */
  routesNamespace: pulumi.Input<string>;
  routes: GatewayRoute[];
  /** Tokens of the protected routes, which are all that aren't public. Default: there are none. */
  authentication?: TokenAuthentication;
  limits?: RequestLimits;
  /** How the cloud makes the load balancer. */
  loadBalancer?: LoadBalancer;
  /** Proxies in front of it that append to `x-forwarded-for`, from 0 to 10. Default 1: the edge. */
  trustedProxies?: number;
  /** Default from 2 to 20. */
  replicas?: Replicas;
  /** Default 70 % of CPU, 80 % of memory. */
  autoscaling?: Autoscaling;
  /** Default medium: 1 vCPU and 1 GiB a replica. */
  size?: Size;
}

export interface LoadBalancer {
  /**
   * Of the Service, as the cloud's controller reads them. It must keep the callers' addresses: pods let in no others.
   * Default none.
   */
  annotations?: Record<string, string>;
  /**
   * CIDRs from which it asks the pods themselves whether they are ready, at `/healthz/ready` of port 15021. Default none: it
   * asks the nodes.
   */
  healthCheckSources?: string[];
  /** Default: the cluster's own controller. */
  className?: string;
}

const listenerName = "https";

/** The gateway as a service's `callers` name it: without that, a service lets it in as little as anyone. */
export function gatewayCaller(namespace: string, gatewayName = defaultGatewayName): Caller {
  return { service: gatewayName, namespace };
}

/**
 * Where a region's requests come in, from the edge alone: TLS, tokens, limits, and routes to the services by host, path and
 * version. What no route names is refused.
 */
export class Gateway extends pulumi.ComponentResource {
  /** Name in DNS or IP address of the load balancer, for the edge. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: GatewayArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Gateway", name, {}, options);
    refuse(`Gateway "${name}"`, gatewayProblems(args));
    const { gatewayName = defaultGatewayName, namespace, hosts, routes, limits = {} } = args;
    const child = { parent: this };
    const metadata = { name: gatewayName, namespace, labels: { "app.kubernetes.io/name": gatewayName } };
    const named = (suffix: string) => ({ ...metadata, name: `${gatewayName}-${suffix}` });

    const service = makeWorkload(name, { ...args, gatewayName }, child);

    const secretName = `${gatewayName}-tls`;
    const certificate = new Certificate(
      `${name}-certificate`,
      { metadata: named("tls"), spec: serverCertificateSpec(secretName, hosts, args.issuer) },
      child,
    );
    const authority = this.clientAuthority(name, args.clientAuthority, named("client-authority"));

    // Before the listener: from its first request on, all of this holds.
    const guards = [
      ...this.access(name, args, named),
      ...[
        { suffix: "requests", configPatches: requestPatches(args.clientAuthority !== undefined), priority: 0 },
        // Last, right before the router: a request that another filter refuses is not read to its end.
        { suffix: "limits", configPatches: limitPatches(limits, routes), priority: 100 },
      ].map(
        ({ suffix, configPatches, priority }) =>
          new EnvoyFilter(
            `${name}-${suffix}`,
            {
              metadata: named(suffix),
              spec: { workloadSelector: { labels: gatewayPodLabels(gatewayName) }, configPatches, priority },
            },
            child,
          ),
      ),
    ];

    const gateway = new KubernetesGateway(
      `${name}-gateway`,
      {
        metadata,
        spec: {
          gatewayClassName: "istio",
          addresses: [
            { type: "Hostname", value: pulumi.interpolate`${service.metadata.name}.${namespace}.svc.cluster.local` },
          ],
          listeners: [
            {
              name: listenerName,
              port: 443,
              protocol: "HTTPS",
              tls: { mode: "Terminate", certificateRefs: [{ name: secretName }] },
              allowedRoutes: {
                namespaces: {
                  from: "Selector",
                  selector: { matchLabels: { "kubernetes.io/metadata.name": args.routesNamespace } },
                },
                kinds: [{ kind: "HTTPRoute" }],
              },
            },
          ],
          ...(authority === undefined
            ? {}
            : { tls: { frontend: { default: { validation: { caCertificateRefs: [authority] } } } } }),
        },
      },
      { ...child, dependsOn: [certificate, ...guards] },
    );

    for (const route of routes) {
      new KubernetesHttpRoute(
        `${name}-route-${route.name}`,
        {
          metadata: { name: `${gatewayName}-${route.name}`, namespace: args.routesNamespace },
          spec: {
            parentRefs: [{ name: gatewayName, namespace, sectionName: listenerName }],
            hostnames: routeHosts(route, hosts),
            rules: httpRouteRules(route),
          },
        },
        { ...child, dependsOn: [gateway] },
      );
    }

    this.address = service.status.apply((status) => addressOf(status?.loadBalancer?.ingress ?? []));
    this.registerOutputs({ address: this.address });
  }

  /** Who is let in: the rules together, for what matches none is denied by the namespace. */
  private access(name: string, args: GatewayArgs, named: (suffix: string) => ObjectMeta): pulumi.Resource[] {
    const { gatewayName = defaultGatewayName, routes, hosts, authentication } = args;
    const child = { parent: this };
    const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: gatewayName }];
    const allow = (suffix: string, rules: AuthorizationRule[]) =>
      rules.length === 0
        ? []
        : [
            new AuthorizationPolicy(
              `${name}-${suffix}`,
              { metadata: named(suffix), spec: { targetRefs, action: "ALLOW", rules } },
              child,
            ),
          ];
    const open = allow("public", publicRules(routes, hosts));
    if (authentication === undefined) return open;
    return [
      new RequestAuthentication(
        `${name}-tokens`,
        { metadata: named("tokens"), spec: { targetRefs, jwtRules: [jwtRule(authentication)] } },
        child,
      ),
      ...allow("protected", protectedRules(routes, hosts, authentication.issuer)),
      ...open,
    ];
  }

  private clientAuthority(
    name: string,
    certificate: pulumi.Input<string> | undefined,
    metadata: ObjectMeta,
  ): ObjectReference | undefined {
    if (certificate === undefined) return undefined;
    const configMap = new kubernetes.core.v1.ConfigMap(
      `${name}-client-authority`,
      { metadata, data: { "ca.crt": certificate } },
      { parent: this },
    );
    return { group: "", kind: "ConfigMap", name: configMap.metadata.name };
  }
}

type ObjectMeta = kubernetes.types.input.meta.v1.ObjectMeta;

function addressOf(ingress: { hostname?: string; ip?: string }[]): string {
  return ingress[0]?.hostname ?? ingress[0]?.ip ?? "";
}
