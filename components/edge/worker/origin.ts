import type { EdgeRegion, EdgeSettings } from "./bindings";
import type { Breaker } from "./breaker";

/** What is sent to whichever region takes it. */
export interface RegionalRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Headers;
  /** What fails together: a region's other routes are asked while this one's service is down there. */
  circuit: string;
  /** Read once: with a stream there is one region alone. */
  body: ReadableStream<Uint8Array> | ArrayBuffer | null;
}

export interface RegionalAnswer {
  /** Undefined if nobody answered. */
  answered?: { response: Response; region: string };
  /** Regions that were asked before, or in vain. */
  failed: string[];
}

/** Cloudflare's own for an origin that it can't reach or understand, and what proxies say before a service had the request. */
const failures = (status: number) => (status >= 502 && status <= 504) || (status >= 520 && status <= 530);

/**
 * Asks one region after the other until one answers. The first has t, fallback i (i + 2) × t, all together no more than the
 * deadline; time counts until the headers have come, since a body may stream for hours.
 *
 * @param repeats whether a region may be asked what another one may have done already
 */
export async function askRegions(
  request: RegionalRequest,
  regions: readonly EdgeRegion[],
  { regionMilliseconds, deadlineMilliseconds }: EdgeSettings["timeouts"],
  breaker: Breaker,
  repeats: boolean,
): Promise<RegionalAnswer> {
  const end = Date.now() + deadlineMilliseconds;
  const failed: string[] = [];
  for (const region of regions) {
    const left = end - Date.now();
    const isLast = !repeats || request.body instanceof ReadableStream;
    if (left <= 0 || (failed.length > 0 && isLast)) break;
    const circuit = `${region.name} ${request.circuit}`;
    if (!breaker.admits(circuit, Date.now())) continue;
    // Who has no other region to ask may as well wait, not least for what is still being sent.
    const milliseconds = isLast ? left : Math.min(left, (failed.length + 1) * regionMilliseconds);
    const response = await ask(region, request, milliseconds);
    if (response !== undefined && !failures(response.status)) {
      breaker.succeeded(circuit);
      return { answered: { response, region: region.name }, failed };
    }
    breaker.failed(circuit, Date.now());
    failed.push(region.name);
    await response?.body?.cancel();
  }
  return { failed };
}

async function ask(
  { origin }: EdgeRegion,
  { method, target, headers, body }: Omit<RegionalRequest, "circuit">,
  milliseconds: number,
): Promise<Response | undefined> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), milliseconds);
  try {
    return await fetch(origin + target, { method, headers, body, redirect: "manual", signal: abort.signal });
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
