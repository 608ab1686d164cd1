import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { append } from "../grouping";
import { isHostOf } from "./authentication";
import {
  backendWeight,
  corsMethods,
  type CrossOriginAccess,
  defaultBackendPort,
  type GatewayRoute,
  type RouteBackend,
  routeHosts,
  versionHeader,
} from "./routes";

const dnsLabel = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const hostName = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** No characters that a policy takes for a pattern, and none that are written in two ways. */
const plainPath = /^(\/|(\/[A-Za-z0-9._~-]+)+)$/;
const origin = /^https?:\/\/(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?$/;
const headerName = /^[A-Za-z0-9-]+$/;
const versionValue = /^[A-Za-z0-9._-]{1,64}$/;

export const isLabel = (name: string): boolean => dnsLabel.test(name);
export const isHost = (host: string): boolean => host.length <= 253 && hostName.test(host);

/** Gathers problems; `whole` reports what is no whole number between the bounds. */
export class Problems {
  readonly found: ArgumentProblem[] = [];

  add(path: string, reason: string): void {
    this.found.push({ path, reason });
  }

  whole(path: string, value: number | undefined, least: number, most: number): void {
    this.found.push(...wholeNumberProblems(path, value, least, most));
  }
}

export const bodyBounds = [1024, 67_108_864] as const;

type Numbered = [index: number, route: GatewayRoute];

/** Everything that is wrong with the routes of a gateway with these hosts. */
export function routeProblems(routes: GatewayRoute[], hosts: string[]): ArgumentProblem[] {
  const problems = new Problems();
  const firstOf = new Map<string, number>();
  const byPath = new Map<string, Numbered[]>();
  routes.forEach((route, index) => {
    const path = `routes[${index}]`;
    checkRoute(problems, route, path, hosts);
    const first = firstOf.get(route.name);
    if (first === undefined) firstOf.set(route.name, index);
    else problems.add(`${path}.name`, `"${route.name}" is the name of routes[${first}]`);
    const earlier = byPath.get(route.path) ?? [];
    checkAgainstEarlier(problems, [index, route], earlier, hosts);
    append(byPath, route.path, [index, route]);
  });
  return problems.found;
}

function checkRoute(problems: Problems, route: GatewayRoute, path: string, hosts: string[]): void {
  if (!isLabel(route.name)) problems.add(`${path}.name`, `"${route.name}" must be a DNS label such as "catalog"`);
  if (!plainPath.test(route.path) || route.path.split("/").some((segment) => /^\.\.?$/.test(segment))) {
    problems.add(`${path}.path`, `"${route.path}" must be a plain path such as "/orders", without a slash at its end`);
  }
  if (route.version !== undefined && !versionValue.test(route.version)) {
    problems.add(`${path}.version`, `"${route.version}" must be a value of ${versionHeader} such as "2"`);
  }
  (route.hosts ?? []).forEach((host, position) => {
    if (isHost(host) && hosts.some((pattern) => isHostOf(host, pattern))) return;
    problems.add(`${path}.hosts[${position}]`, `"${host}" must be one of the gateway's hosts`);
  });
  const answered = routeHosts(route, hosts).length;
  if (answered > 16 || route.hosts?.length === 0) {
    problems.add(`${path}.hosts`, `are ${answered}, must be from 1 to 16`);
  }
  problems.whole(`${path}.timeoutMilliseconds`, route.timeoutMilliseconds, 10, 600_000);
  problems.whole(`${path}.maxBodyBytes`, route.maxBodyBytes, ...bodyBounds);
  checkBackends(problems, route.backends, `${path}.backends`);
  checkTiers(problems, route, `${path}.tierBackends`);
  if (route.cors !== undefined) checkCors(problems, route.cors, `${path}.cors`);
}

function checkTiers(problems: Problems, { isPublic, tierBackends = [] }: GatewayRoute, path: string): void {
  if (isPublic === true && tierBackends.length > 0) {
    problems.add(path, "must be left out of a public route: without a token the tier is what the caller says");
  }
  if (tierBackends.length > 15) problems.add(path, `are ${tierBackends.length}, must be 15 at most`);
  tierBackends.forEach(({ tier, backends }, index) => {
    if (!isLabel(tier)) problems.add(`${path}[${index}].tier`, `"${tier}" must be a tier such as "enterprise"`);
    const first = tierBackends.findIndex((other) => other.tier === tier);
    if (first !== index) problems.add(`${path}[${index}].tier`, `"${tier}" is in ${path}[${first}] already`);
    checkBackends(problems, backends, `${path}[${index}].backends`);
  });
}

function checkBackends(problems: Problems, backends: readonly RouteBackend[], path: string): void {
  if (backends.length === 0 || backends.length > 16) {
    problems.add(path, `are ${backends.length}, must be from 1 to 16`);
    return;
  }
  backends.forEach(({ service, port = defaultBackendPort, weight }, index) => {
    if (!isLabel(service)) problems.add(`${path}[${index}].service`, `"${service}" must be the name of a service`);
    problems.whole(`${path}[${index}].port`, port, 1, 65_535);
    problems.whole(`${path}[${index}].weight`, weight, 0, 100);
    const first = backends.findIndex((other) => other.service === service && (other.port ?? 8080) === port);
    if (first !== index) problems.add(`${path}[${index}].service`, `"${service}" is in ${path}[${first}] already`);
  });
  const weights = backends.map((backend) => backendWeight(backend, backends));
  const missing = weights.indexOf(undefined);
  const sum = weights.reduce<number>((total, weight) => total + (weight ?? 0), 0);
  if (missing >= 0) problems.add(`${path}[${missing}].weight`, "must be set where there are several backends");
  else if (sum !== 100) problems.add(path, `have weights that add up to ${sum}, must be 100`);
}

function checkCors(problems: Problems, cors: CrossOriginAccess, path: string): void {
  if (cors.origins.length === 0) problems.add(`${path}.origins`, "must name one origin at least");
  cors.origins.forEach((each, index) => {
    if (!origin.test(each)) {
      problems.add(`${path}.origins[${index}]`, `"${each}" must be an origin such as "https://shop.example.com"`);
    }
  });
  (cors.methods ?? []).forEach((method, index) => {
    if (corsMethods.includes(method)) return;
    problems.add(`${path}.methods[${index}]`, `"${method}" must be one of ${corsMethods.join(", ")}`);
  });
  for (const key of ["headers", "exposedHeaders"] as const) {
    (cors[key] ?? []).forEach((header, index) => {
      if (!headerName.test(header)) problems.add(`${path}.${key}[${index}]`, `"${header}" must be a header's name`);
    });
  }
  problems.whole(`${path}.maxAgeSeconds`, cors.maxAgeSeconds, 1, 86_400);
}

/**
 * Routes of one host, path and version would be one too many. Of one path, versions are all public or all protected, and
 * have CORS all or none: access is decided by host and path, whatever a header says.
 */
function checkAgainstEarlier(
  problems: Problems,
  [index, route]: Numbered,
  ofPath: readonly Numbered[],
  hosts: string[],
): void {
  const own = new Set(routeHosts(route, hosts));
  for (const [position, earlier] of ofPath) {
    if (!routeHosts(earlier, hosts).some((host) => own.has(host))) continue;
    if (earlier.version === route.version) {
      problems.add(`routes[${index}].path`, `"${route.path}" is the path of routes[${position}], for a shared host`);
    }
    for (const [key, differs] of Object.entries({
      isPublic: (earlier.isPublic ?? false) !== (route.isPublic ?? false),
      cors: (earlier.cors === undefined) !== (route.cors === undefined),
    })) {
      if (!differs) continue;
      problems.add(`routes[${index}].${key}`, `must be as in routes[${position}], another version of "${route.path}"`);
    }
  }
}
