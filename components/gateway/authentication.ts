import type { AuthorizationOperation, AuthorizationRule, JwtRule } from "../mesh/istio";
import { tenantHeader, tierHeader } from "./headers";
import { type GatewayRoute, routeHosts } from "./routes";

/** Who issues the tokens that protected routes ask for, and what they say. */
export interface TokenAuthentication {
  /** The tokens' `iss`, exactly. */
  issuer: string;
  /** A token has one of these in its `aud`; one at least. */
  audiences: string[];
  /** URL of the issuer's public keys, with https; istiod fetches them. This or `jwks`. */
  jwksUri?: string;
  /** The public keys themselves, as a JSON Web Key Set. */
  jwks?: string;
  /** Claim with the tenant, `.` between nested ones. Default `tenant`. */
  tenantClaim?: string;
  /** Claim with the tenant's tier, as `tenantClaim` is written. Default `tier`. */
  tierClaim?: string;
  /** Whether services get the token too, not its tenant and tier alone. Default no. */
  forwardsToken?: boolean;
}

/** A token comes as `Authorization: Bearer` and in no other way: Istio takes one from the URL too, which ends up in logs. */
export function jwtRule(authentication: TokenAuthentication): JwtRule {
  const { issuer, audiences, jwksUri, jwks, tenantClaim = "tenant", tierClaim = "tier" } = authentication;
  return {
    issuer,
    audiences,
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(jwks === undefined ? {} : { jwks }),
    fromHeaders: [{ name: "Authorization", prefix: "Bearer " }],
    forwardOriginalToken: authentication.forwardsToken === true,
    outputClaimToHeaders: [
      { header: tenantHeader, claim: tenantClaim },
      { header: tierHeader, claim: tierClaim },
    ],
  };
}

/** A route's host and path, which is what access is decided by. */
interface Place {
  host: string;
  path: string;
}

/** Whether one path is the other or lies under it. */
export const isWithin = (path: string, parent: string): boolean =>
  path === parent || parent === "/" || path.startsWith(`${parent}/`);

const isStrictlyWithin = (path: string, parent: string) => path !== parent && isWithin(path, parent);

/** Whether a host is the other, or one of those that a wildcard stands for. */
export const isHostOf = (host: string, pattern: string): boolean =>
  host === pattern || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));

/** What a policy must say for a path and all under it. */
const pathsOf = (path: string): string[] => (path === "/" ? ["/*"] : [path, `${path}/*`]);

/** With a port too: a caller may name it. A policy can't say that of a wildcard, so such requests are refused. */
const hostsOf = (host: string): string[] => (host.startsWith("*") ? [host] : [host, `${host}:*`]);

/**
 * The requests that the chosen routes answer, as operations of a policy: of each, its host without hosts that have routes of
 * their own, and its path without the paths under it whose routes are not chosen. A route with a longer path, or with a host
 * in place of a wildcard, answers in its stead, and so must decide in its stead.
 */
export function operationsOf(
  routes: GatewayRoute[],
  hosts: string[],
  isChosen: (route: GatewayRoute) => boolean,
): AuthorizationOperation[] {
  const placesOf = (some: GatewayRoute[]): Place[] =>
    some.flatMap((route) => routeHosts(route, hosts).map((host) => ({ host, path: route.path })));
  const chosen = unique(placesOf(routes.filter(isChosen)));
  const others = placesOf(routes.filter((route) => !isChosen(route)));
  const named = new Set(placesOf(routes).map(({ host }) => host));
  return chosen.map(({ host, path }) => {
    const notHosts = [...named].filter((other) => other !== host && isHostOf(other, host)).flatMap(hostsOf);
    const under = others.filter((other) => other.host === host && isStrictlyWithin(other.path, path));
    const notPaths = [...new Set(under.map((other) => other.path))].flatMap(pathsOf);
    return {
      hosts: hostsOf(host),
      ...(notHosts.length > 0 ? { notHosts } : {}),
      paths: pathsOf(path),
      ...(notPaths.length > 0 ? { notPaths } : {}),
    };
  });
}

const unique = (places: Place[]): Place[] => [
  ...new Map(places.map((place) => [`${place.host}${place.path}`, place])).values(),
];

const isPublic = (route: GatewayRoute) => route.isPublic === true;

/** Rules for requests with a token of the issuer; the namespace denies all that no rule lets in. */
export function protectedRules(routes: GatewayRoute[], hosts: string[], issuer: string): AuthorizationRule[] {
  const operations = operationsOf(routes, hosts, (route) => !isPublic(route));
  if (operations.length === 0) return [];
  return [
    {
      from: [{ source: { requestPrincipals: [`${issuer}/*`] } }],
      to: operations.map((operation) => ({ operation })),
    },
  ];
}

/**
 * Rules for requests without a token: those of public routes, and what browsers ask before they send a token to a route
 * with CORS, which the gateway answers itself.
 */
export function publicRules(routes: GatewayRoute[], hosts: string[]): AuthorizationRule[] {
  const open = operationsOf(routes, hosts, isPublic);
  const preflights = operationsOf(routes, hosts, ({ cors }) => cors !== undefined);
  const isThere = (header: string) => ({ key: `request.headers[${header}]`, values: ["*"] });
  return [
    ...(open.length > 0 ? [{ to: open.map((operation) => ({ operation })) }] : []),
    ...(preflights.length > 0
      ? [
          {
            to: preflights.map((operation) => ({ operation: { ...operation, methods: ["OPTIONS"] } })),
            when: [isThere("origin"), isThere("access-control-request-method")],
          },
        ]
      : []),
  ];
}
