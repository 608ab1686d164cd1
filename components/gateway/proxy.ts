import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Bulkhead, priorityClassName } from "../mesh/bulkheads";
import { restricted, zoneSpread } from "../service/pod";
import { containerResources, resourceRequirements, type Size } from "../service/size";
import { limitsOf, type RequestLimits, streamIdleSeconds } from "./limits";
import type { GatewayWorkload } from "./rate-limiter-access";
import type { GatewayRoute } from "./routes";

/** Port of the pods for TLS from outside; one that needs no privilege. */
export const tlsPort = 8443;

/** Where the proxy tells whether it is ready. */
export const statusPort = 15021;

/** Labels of a gateway's pods. */
export function gatewayPodLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "gateway.networking.k8s.io/gateway-name": name };
}

/** The pods and whom they act as, for what serves this gateway alone. */
export function gatewayWorkload(gatewayName = defaultGatewayName): GatewayWorkload {
  return { labels: gatewayPodLabels(gatewayName), serviceAccount: gatewayName };
}

export const defaultGatewayName = "gateway";

/** Seconds in which load balancers learn that a replica is leaving, before it is told to stop. */
const drainSeconds = 15;
/** Time for the requests in flight to end, after that. */
const terminationDrainSeconds = 30;

export interface ProxyConfigurationArgs {
  routes: GatewayRoute[];
  limits: RequestLimits;
  /** Proxies between the caller and this gateway. */
  trustedProxies: number;
}

/**
 * The proxy's own settings. Istio's profile for the edge (since 1.31) also bounds streams, windows and idle connections,
 * merges slashes and sends on a path with escaped ones to the plain one: services see the path that access was decided by.
 */
export function proxyConfiguration({ routes, limits, trustedProxies }: ProxyConfigurationArgs) {
  const { headerSeconds, requestSeconds } = limitsOf(limits);
  return {
    // As for services: limits are for each worker, so one of them, and more replicas.
    concurrency: 1,
    terminationDrainDuration: `${terminationDrainSeconds}s`,
    gatewayTopology: { numTrustedProxies: trustedProxies, forwardClientCertDetails: "SANITIZE" },
    proxyHeaders: { server: { disabled: true }, envoyDebugHeaders: { disabled: true } },
    connectionSettings: {
      profile: "EDGE",
      httpRequestHeadersTimeout: `${headerSeconds}s`,
      httpRequestTimeout: `${requestSeconds}s`,
      httpStreamIdleTimeout: `${streamIdleSeconds(routes)}s`,
      // A service may read `x_omega_tenant` as the same name.
      httpHeadersWithUnderscoresAction: "HEADERS_WITH_UNDERSCORES_DROP_HEADER",
    },
  };
}

export interface GatewayPodArgs {
  name: string;
  serviceAccountName: pulumi.Input<string>;
  size: Size;
}

/** The injector completes it to a gateway of its own version: image, arguments, certificates. */
export function gatewayPodSpec({ name, serviceAccountName, size }: GatewayPodArgs): types.input.core.v1.PodSpec {
  const health = { httpGet: { path: "/healthz/ready", port: statusPort }, periodSeconds: 5, timeoutSeconds: 2 };
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    priorityClassName: priorityClassName(Bulkhead.Critical),
    terminationGracePeriodSeconds: drainSeconds + terminationDrainSeconds + 20,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: zoneSpread(gatewayPodLabels(name)),
    containers: [
      {
        name: "istio-proxy",
        image: "auto",
        ports: [
          { name: "https", containerPort: tlsPort },
          { name: "http-envoy-prom", containerPort: 15090 },
        ],
        resources: resourceRequirements(containerResources(size)),
        securityContext: restricted,
        lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
        startupProbe: { ...health, failureThreshold: 30 },
        readinessProbe: { ...health, failureThreshold: 3 },
        // Not its readiness: a proxy that still waits for its configuration gets none by a restart.
        livenessProbe: { tcpSocket: { port: statusPort }, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 6 },
      },
    ],
  };
}
