import { answerOfrep } from "../../flags/ofrep";
import type { FlagSet } from "../../flags/flag";
import { edgeKeyHeader, edgeTenantHeader, edgeTierHeader } from "../../gateway/headers";
import { answerFrom, type KeptAnswer } from "./answers";
import { answerAsset } from "./assets";
import type { Bindings, EdgeRegion, EdgeRoute, Invocation } from "./bindings";
import { Breaker } from "./breaker";
import { type CentreCache, EdgeCache } from "./edge-cache";
import { LimitKeeper } from "./limiter";
import { Lookup, StoreUnavailable } from "./lookup";
import { askRegions, type RegionalRequest } from "./origin";
import { problem, problemOf } from "./problems";
import { placeOf, regionOrder } from "./regions";
import { type EdgeRequest, forwardedHeaders, headerBytes, isRepeatable, readRequest } from "./requests";
import { mostQueuedBytes, queueWrite } from "./retries";
import { RequestLog, serverTiming, type Telemetry, traceOf } from "./telemetry";
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
  private readonly log: RequestLog;

  constructor(
    private readonly bindings: Bindings,
    centre: CentreCache,
  ) {
    const { hosts, authentication, cache, breaker, routes, hitLogSampling } = bindings.SETTINGS;
    this.tenants = new Tenants(hosts, authentication && new Tokens(authentication));
    this.cache = new EdgeCache(cache, centre);
    this.breaker = new Breaker(breaker);
    this.log = new RequestLog(hitLogSampling);
    this.routes = [...routes].sort((one, other) => other.path.length - one.path.length);
  }

  async answer(request: Request, invocation: Invocation): Promise<Response> {
    const telemetry: Telemetry = { startedAt: Date.now() };
    const read = readRequest(request, this.bindings.SETTINGS.limits);
    const answer = read instanceof Response ? read : await this.answerRead(request, read, telemetry, invocation);
    const refusal = problemOf(answer);
    if (refusal !== undefined) telemetry.problem = refusal;
    answer.headers.set("server-timing", serverTiming(telemetry));
    if (!(read instanceof Response) && !this.bindings.SETTINGS.hosts.includes(read.host)) {
      // What is below a customer's own domain is the customer's matter.
      answer.headers.set("strict-transport-security", "max-age=31536000");
    }
    this.log.write(telemetry, request, read instanceof Response ? undefined : read, answer.status);
    return answer;
  }

  private async answerRead(
    request: Request,
    read: EdgeRequest,
    telemetry: Telemetry,
    invocation: Invocation,
  ): Promise<Response> {
    const { SETTINGS, ASSETS } = this.bindings;
    try {
      if (read.host === SETTINGS.flagsHost) {
        telemetry.cache = "flags";
        return await this.answerFlags(request, invocation);
      }
      const caller = await this.tenants.callerOf(request, read.host, this.bindings, invocation);
      if (caller instanceof Response) return caller;
      if (caller.tenant !== undefined) telemetry.tenant = caller.tenant.id;
      const refusal = await this.limited(caller);
      if (refusal !== undefined) return refusal;
      if (read.path.startsWith(SETTINGS.assetsPath)) {
        telemetry.cache = "assets";
        return await answerAsset(ASSETS, request, read.path.slice(1));
      }
      const route = this.routes.find(
        ({ path }) => read.path === path || read.path.startsWith(path.endsWith("/") ? path : `${path}/`),
      );
      const exchange = { request, read, caller, route, telemetry, invocation };
      return isShared(exchange) ? await this.answerShared(exchange) : await this.pass(exchange);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // Whose request it is can't be told, nor a flag's value: whoever asks for flags has defaults of its own.
      return problem(503, "settings-unavailable", "The edge can't read its settings now.", { "Retry-After": "5" });
    }
  }

  private async limited({ tenant }: Caller): Promise<Response | undefined> {
    if (tenant === undefined) return undefined;
    const { id, requestsPerMinute } = tenant;
    const { isAdmitted, retrySeconds } = await this.limits.admit(this.bindings.LIMITERS, id, requestsPerMinute);
    if (isAdmitted) return undefined;
    return problem(429, "rate-limited", `Tenant ${id} has ${requestsPerMinute} requests a minute.`, {
      "Retry-After": String(Math.max(1, retrySeconds)),
    });
  }

  private async answerFlags(request: Request, invocation: Invocation): Promise<Response> {
    const token = bearerOf(request);
    if (token === undefined || !this.bindings.SETTINGS.flagTokens.includes(await sha256(token))) {
      return problem(401, "invalid-token", "Flags are for services alone.", { "WWW-Authenticate": "Bearer" });
    }
    const set = await this.flags.get(this.bindings.FLAGS, "flags", invocation);
    return set === null
      ? problem(503, "no-flags", "There are no flags yet.", { "Retry-After": "60" })
      : answerOfrep(request, set);
  }

  /** From a cache, where there is an answer; else from a region, for all who ask meanwhile. */
  private async answerShared(exchange: Exchange): Promise<Response> {
    const { request, telemetry, invocation } = exchange;
    const key = await this.keyOf(exchange);
    if (key === undefined) return this.pass(exchange);
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
    const { answered, failed } = await askRegions(asked, order, timeouts, this.breaker, isRepeatable(request));
    if (failed.length > 0) telemetry.failedRegions = failed;
    if (answered !== undefined) telemetry.region = answered.region;
    return answered?.response;
  }

  private regionsFor({ request, caller, route }: Exchange): EdgeRegion[] {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const readsNearest = isRead && route?.readsNearest === true;
    return regionOrder(this.bindings.SETTINGS.regions, placeOf(request), caller.tenant, readsNearest);
  }

  private headersFor(exchange: Exchange, isKept: boolean): Headers {
    const { request, read, caller, telemetry } = exchange;
    const headers = forwardedHeaders(request, read.host, isKept);
    headers.set("traceparent", (telemetry.traceparent ??= traceOf(request.headers)));
    if (caller.tenant !== undefined && caller.isKnown) {
      headers.set(edgeTenantHeader, caller.tenant.id);
      headers.set(edgeTierHeader, caller.tenant.tier);
    }
    if (isKept && exchange.copies !== undefined) headers.set(edgeKeyHeader, exchange.copies);
    return headers;
  }

  /**
   * Version, purges, whose it is, and what is asked for: nothing else may make a difference.
   *
   * @returns undefined while nobody can tell what was purged: then nothing is kept, nor is what was kept answered
   */
  private async keyOf(exchange: Exchange): Promise<string | undefined> {
    const { read, caller, invocation } = exchange;
    const { host, path, query } = read;
    const asked = this.generations.get(this.bindings.TENANTS, "cache-generation", invocation);
    const generation = await asked.catch(() => undefined);
    if (generation === undefined) return undefined;
    const whose = caller.tenant?.id ?? "";
    const copies = `${this.bindings.SETTINGS.version}/${String(generation ?? 0)}`;
    exchange.copies = `${copies}/${host}`;
    return `https://${host}/.edge/${copies}/${whose}${path}${query}`;
  }
}

interface Exchange {
  request: Request;
  read: EdgeRequest;
  caller: Caller;
  route: EdgeRoute | undefined;
  telemetry: Telemetry;
  invocation: Invocation;
  /** Which copies of an answer are of one kind, for the zone's cache behind this one. Known once the key is. */
  copies?: string;
}

/** Whether one answer is for all who ask the same. A part of it, or what a token was shown for, is not. */
function isShared({ request, caller, route }: Exchange): boolean {
  const isRead = request.method === "GET" || request.method === "HEAD";
  return isRead && route?.cached === true && !caller.hasToken && !request.headers.has("range");
}

const exhausted = () => problem(503, "regions-exhausted", "No region answered in time.", { "Retry-After": "10" });

const passed = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
