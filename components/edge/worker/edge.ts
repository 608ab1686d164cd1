import { answerOfrep } from "../../flags/ofrep";
import type { FlagSet } from "../../flags/flag";
import { answerFrom, type KeptAnswer } from "./answers";
import { answerAsset } from "./assets";
import type { Bindings, EdgeRegion, EdgeRoute, Invocation } from "./bindings";
import { Breaker } from "./breaker";
import { type CentreCache, EdgeCache } from "./edge-cache";
import { LimitKeeper } from "./limiter";
import { Lookup } from "./lookup";
import { askRegions, type RegionalRequest } from "./origin";
import { problem } from "./problems";
import { placeOf, regionOrder } from "./regions";
import { type EdgeRequest, forwardedHeaders, headerBytes, isRepeatable, readRequest } from "./requests";
import { mostQueuedBytes, queueWrite } from "./retries";
import { logRequest, serverTiming, type Telemetry, traceOf } from "./telemetry";
import { type Caller, Tenants } from "./tenants";
import { bearerOf, sha256, Tokens } from "./tokens";

/** What one isolate of the Worker does with requests. */
export class Edge {
  private readonly tenants: Tenants;
  private readonly cache: EdgeCache;
  private readonly breaker: Breaker;
  private readonly limits = new LimitKeeper();
  private readonly flags = new Lookup<FlagSet>(10, 1);
  private readonly generations = new Lookup<number>(5, 1);
  private readonly routes: readonly EdgeRoute[];
  private hits = 0;

  constructor(
    private readonly bindings: Bindings,
    centre: CentreCache,
  ) {
    const { hosts, authentication, cache, breaker, routes } = bindings.SETTINGS;
    this.tenants = new Tenants(hosts, authentication && new Tokens(authentication));
    this.cache = new EdgeCache(cache, centre);
    this.breaker = new Breaker(breaker);
    this.routes = [...routes].sort((one, other) => other.path.length - one.path.length);
  }

  async answer(request: Request, invocation: Invocation): Promise<Response> {
    const { SETTINGS } = this.bindings;
    const read = readRequest(request, SETTINGS.limits);
    if (read instanceof Response) return read;
    if (read.host === SETTINGS.flagsHost) return this.answerFlags(request, invocation);
    const caller = await this.tenants.callerOf(request, read.host, this.bindings, invocation);
    if (caller instanceof Response) return caller;
    if (caller.tenant !== undefined) {
      const { id, requestsPerMinute } = caller.tenant;
      const { isAdmitted, retrySeconds } = await this.limits.admit(this.bindings.LIMITERS, id, requestsPerMinute);
      if (!isAdmitted) {
        return problem(429, "rate-limited", `Tenant ${id} has ${requestsPerMinute} requests a minute.`, {
          "Retry-After": String(Math.max(1, retrySeconds)),
        });
      }
    }
    if (read.path.startsWith(SETTINGS.assetsPath)) {
      return answerAsset(this.bindings.ASSETS, request, read.path.slice(1));
    }
    const route = this.routes.find(
      ({ path }) => read.path === path || read.path.startsWith(path.endsWith("/") ? path : `${path}/`),
    );
    const telemetry: Telemetry = {
      traceparent: traceOf(request.headers),
      startedAt: Date.now(),
      ...(caller.tenant === undefined ? {} : { tenant: caller.tenant.id }),
    };
    const exchange = { request, read, caller, route, telemetry, invocation };
    const answer = isShared(exchange) ? await this.answerShared(exchange) : await this.pass(exchange);
    return this.told(answer, exchange);
  }

  private async answerFlags(request: Request, invocation: Invocation): Promise<Response> {
    const token = bearerOf(request);
    if (token === undefined || !this.bindings.SETTINGS.flagTokens.includes(await sha256(token))) {
      return problem(401, "invalid-token", "Flags are for services alone.", { "WWW-Authenticate": "Bearer" });
    }
    const set = await this.flags.get(this.bindings.FLAGS, "flags", invocation);
    return set === null ? problem(503, "no-flags", "There are no flags yet.") : answerOfrep(request, set);
  }

  /** From a cache, where there is an answer; else from a region, for all who ask meanwhile. */
  private async answerShared(exchange: Exchange): Promise<Response> {
    const { request, telemetry, invocation } = exchange;
    const key = await this.keyOf(exchange);
    const remembered = this.cache.remembered(key, Date.now());
    const found = remembered ?? (await this.cache.find(key));
    const now = Date.now();
    if (found !== undefined && now < found.times.staleUntil) {
      telemetry.cache = now < found.times.freshUntil ? (remembered === undefined ? "centre" : "memory") : "stale";
      if (telemetry.cache === "stale" && this.cache.flightOf(key) === undefined) {
        invocation.waitUntil(this.fetchShared(exchange, key).then((fetched) => fetched?.body?.cancel()));
      }
      return answerFrom(found, request, now);
    }
    const flight = this.cache.flightOf(key);
    if (flight !== undefined) {
      await Promise.race([flight, passed(this.bindings.SETTINGS.timeouts.regionMilliseconds)]);
      const meanwhile = this.cache.remembered(key, Date.now()) ?? (await this.cache.find(key));
      if (meanwhile !== undefined && Date.now() < meanwhile.times.freshUntil) {
        telemetry.cache = "memory";
        return answerFrom(meanwhile, request, Date.now());
      }
    }
    telemetry.cache = "miss";
    return (await this.fetchShared(exchange, key)) ?? this.insteadOf(found, exchange);
  }

  /** What is over is better than nothing, and said to be so. */
  private insteadOf(found: KeptAnswer | undefined, { request, telemetry }: Exchange): Response {
    const now = Date.now();
    if (found === undefined || now >= found.times.errorUntil) return exhausted();
    telemetry.cache = "stale";
    return answerFrom(found, request, now);
  }

  private async fetchShared(exchange: Exchange, key: string): Promise<Response | undefined> {
    // A reader who only asks for the headers brings nothing to keep.
    if (exchange.request.method === "HEAD") {
      const response = await this.ask(exchange, null, true);
      return response && new Response(null, response);
    }
    const end = this.cache.begin(key);
    try {
      const response = await this.ask(exchange, null, true);
      if (response === undefined) end();
      return response && this.cache.keep(key, response, end, exchange.invocation);
    } catch (error) {
      end();
      throw error;
    }
  }

  /** To a region, and its answer back as it streams. */
  private async pass(exchange: Exchange): Promise<Response> {
    const { request, read, route, telemetry } = exchange;
    telemetry.cache = "pass";
    if (headerBytes(request.headers) > this.bindings.SETTINGS.limits.headerBytes) {
      return problem(431, "headers-too-large", `At most ${this.bindings.SETTINGS.limits.headerBytes} bytes.`);
    }
    const length = Number(request.headers.get("content-length") ?? Infinity);
    // Small ones are read whole, for they may be sent again; the others stream to one region alone.
    const isSmall = request.body !== null && isRepeatable(request) && length <= mostQueuedBytes;
    const body = isSmall ? await request.arrayBuffer() : request.body;
    const response = await this.ask(exchange, body, false);
    // Headers of what was fetched can't be changed.
    if (response !== undefined) return new Response(response.body, response);
    const isWrite = !["GET", "HEAD", "OPTIONS"].includes(request.method);
    const canQueue = isWrite && route?.queuesWrites === true && request.headers.has("idempotency-key");
    if (!canQueue || body instanceof ReadableStream) return exhausted();
    const headers = this.headersFor(exchange, false);
    const regions = this.regionsFor(exchange).map(({ name }) => name);
    const write = { method: request.method, host: read.host, target: read.path + read.query, headers, regions };
    return queueWrite(this.bindings.RETRIES, { ...write, body: body ?? new ArrayBuffer(0) });
  }

  private async ask(exchange: Exchange, body: RegionalRequest["body"], isKept: boolean): Promise<Response | undefined> {
    const { request, read, telemetry } = exchange;
    const { timeouts } = this.bindings.SETTINGS;
    const order = this.regionsFor(exchange);
    const headers = this.headersFor(exchange, isKept);
    const circuit = exchange.route?.path ?? "";
    const asked = { method: request.method, target: read.path + read.query, headers, body, circuit };
    const answer = await askRegions(asked, order, timeouts, this.breaker, isRepeatable(request));
    if (answer === undefined) return undefined;
    telemetry.region = answer.region;
    if (answer.failed.length > 0) telemetry.failedRegions = answer.failed;
    return answer.response;
  }

  private regionsFor({ request, caller, route }: Exchange): EdgeRegion[] {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const readsNearest = isRead && route?.readsNearest === true;
    return regionOrder(this.bindings.SETTINGS.regions, placeOf(request), caller.tenant, readsNearest);
  }

  private headersFor({ request, read, caller, telemetry }: Exchange, isKept: boolean): Headers {
    const headers = forwardedHeaders(request, read.host, isKept);
    headers.set("traceparent", telemetry.traceparent);
    if (caller.tenant !== undefined) headers.set("x-omega-edge-tenant", caller.tenant.id);
    return headers;
  }

  /** Version, purges, whose it is, and what is asked for: nothing else may make a difference. */
  private async keyOf({ read: { host, path, query }, caller, invocation }: Exchange): Promise<string> {
    const generation = await this.generations.get(this.bindings.TENANTS, "cache-generation", invocation);
    const whose = caller.tenant?.id ?? "";
    return `https://${host}/.edge/${this.bindings.SETTINGS.version}/${String(generation ?? 0)}/${whose}${path}${query}`;
  }

  private told(answer: Response, { read: { host, path }, request, telemetry }: Exchange): Response {
    answer.headers.set("server-timing", serverTiming(telemetry));
    const isHit = telemetry.cache === "memory" || telemetry.cache === "centre";
    if (!isHit || this.hits++ % this.bindings.SETTINGS.hitLogSampling === 0) {
      logRequest(telemetry, request.method, host, path, answer.status);
    }
    return answer;
  }
}

interface Exchange {
  request: Request;
  read: EdgeRequest;
  caller: Caller;
  route: EdgeRoute | undefined;
  telemetry: Telemetry;
  invocation: Invocation;
}

/** Whether one answer is for all who ask the same. A part of it, or what a token was shown for, is not. */
function isShared({ request, caller, route }: Exchange): boolean {
  const isRead = request.method === "GET" || request.method === "HEAD";
  return isRead && route?.cached === true && !caller.hasToken && !request.headers.has("range");
}

const exhausted = () => problem(503, "regions-exhausted", "No region answered in time.", { "Retry-After": "10" });

const passed = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
