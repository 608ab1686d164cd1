import { isIPv4, isIPv6 } from "node:net";
import type { ArgumentProblem } from "../arguments";
import type { TokenAuthentication } from "./authentication";
import type { GatewayArgs } from "./gateway";
import { bodyBounds, isHost, isLabel, Problems, routeProblems } from "./route-problems";

/** Everything that is wrong with the arguments, in their order. */
export function gatewayProblems(args: GatewayArgs): ArgumentProblem[] {
  const { hosts, routes, sources, limits, replicas, autoscaling } = args;
  const problems = new Problems();
  if (args.gatewayName !== undefined && !isLabel(args.gatewayName)) {
    problems.add("gatewayName", `"${args.gatewayName}" must be a DNS label such as "gateway"`);
  }
  if (hosts.length === 0) problems.add("hosts", "must name one host at least");
  hosts.forEach((host, index) => {
    if (!isHost(host)) {
      problems.add(`hosts[${index}]`, `"${host}" must be a host such as "api.example.com" or "*.example.com"`);
    }
  });
  if (sources.length === 0) problems.add("sources", "must name one CIDR at least: none would let everybody in");
  checkSources(problems, "sources", sources);
  checkSources(problems, "loadBalancer.healthCheckSources", args.loadBalancer?.healthCheckSources ?? []);
  if (args.authentication !== undefined) checkAuthentication(problems, args.authentication);
  problems.found.push(...routeProblems(routes, hosts));
  routes.forEach(({ isPublic = false }, index) => {
    if (isPublic || args.authentication !== undefined) return;
    problems.add(`routes[${index}].isPublic`, "is false, which needs `authentication`");
  });
  problems.whole("limits.maxBodyBytes", limits?.maxBodyBytes, ...bodyBounds);
  problems.whole("limits.maxHeaderKibibytes", limits?.maxHeaderKibibytes, 4, 96);
  problems.whole("limits.maxHeaders", limits?.maxHeaders, 20, 1000);
  problems.whole("limits.headerSeconds", limits?.headerSeconds, 1, 60);
  problems.whole("limits.requestSeconds", limits?.requestSeconds, 1, 3600);
  problems.whole("trustedProxies", args.trustedProxies, 0, 10);
  problems.whole("replicas.min", replicas?.min, 2, replicas?.max ?? 100);
  problems.whole("replicas.max", replicas?.max, 2, 1000);
  problems.whole("autoscaling.cpuPercent", autoscaling?.cpuPercent, 1, 100);
  problems.whole("autoscaling.memoryPercent", autoscaling?.memoryPercent, 1, 100);
  return problems.found;
}

function checkSources(problems: Problems, path: string, sources: string[]): void {
  sources.forEach((source, index) => {
    const reason = sourceProblem(source);
    if (reason !== undefined) problems.add(`${path}[${index}]`, `"${source}" ${reason}`);
  });
}

/** Larger than any network of an edge, so that two halves of the internet don't pass either. */
const shortestPrefix = { 4: 8, 6: 16 } as const;

export function sourceProblem(source: string): string | undefined {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(source) ?? [];
  const version = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  const length = Number(bits);
  if (version === undefined || length > (version === 4 ? 32 : 128)) return 'must be a CIDR such as "203.0.113.0/24"';
  const shortest = shortestPrefix[version];
  return length < shortest ? `must be /${shortest} or narrower, not the internet` : undefined;
}

function checkAuthentication(problems: Problems, authentication: TokenAuthentication): void {
  const { issuer, audiences, jwksUri, jwks } = authentication;
  // A policy would take the rest of it for a pattern.
  if (issuer === "" || issuer.includes("*")) problems.add("authentication.issuer", `"${issuer}" must name an issuer`);
  if (audiences.length === 0) problems.add("authentication.audiences", "must name one audience at least");
  if ((jwksUri === undefined) === (jwks === undefined)) {
    problems.add("authentication.jwksUri", "must be set, or `jwks` in its place");
  }
  if (jwksUri !== undefined && !jwksUri.startsWith("https://")) {
    problems.add("authentication.jwksUri", `"${jwksUri}" must be a URL with https`);
  }
}
