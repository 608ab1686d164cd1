import type { EdgeRequest } from "./requests";

/** Of one request, from which its log line and Server-Timing come. */
export interface Telemetry {
  startedAt: number;
  /** W3C trace context, level 1. Undefined until a region is asked or a line is logged. */
  traceparent?: string;
  /** From where it was answered; undefined for what was refused before anything was looked for. */
  cache?: "memory" | "centre" | "stale" | "miss" | "pass" | "assets" | "flags";
  /** Why the edge refused it. */
  problem?: string;
  region?: string;
  failedRegions?: readonly string[];
  tenant?: string;
}

const traceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function hex(bytes: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The trace goes on under a span of the edge's own; what isn't a trace is replaced. One in a hundred is sampled where nobody said. */
export function traceOf(headers: Headers): string {
  const given = headers.get("traceparent");
  if (given !== null && traceparent.test(given)) return `${given.slice(0, 36)}${hex(8)}${given.slice(52)}`;
  return `00-${hex(16)}-${hex(8)}-${Math.random() < 0.01 ? "01" : "00"}`;
}

export function serverTiming({ cache, region, startedAt }: Telemetry): string {
  const parts = [`edge;dur=${Date.now() - startedAt}`];
  if (cache !== undefined) parts.push(`cache;desc=${cache}`);
  if (region !== undefined) parts.push(`region;desc=${region}`);
  return parts.join(", ");
}

/** Logs requests: those that a region was asked for or that failed one by one, of the others of each kind one in so many. */
export class RequestLog {
  private readonly counts = new Map<string, number>();

  /** @param sampling one in so many */
  constructor(private readonly sampling: number) {}

  /**
   * One line of JSON. Neither query nor headers: they may hold secrets.
   *
   * @param read undefined for what couldn't be read
   */
  write(telemetry: Telemetry, request: Request, read: EdgeRequest | undefined, status: number): void {
    if (!this.isDue(telemetry, status)) return;
    telemetry.traceparent ??= traceOf(request.headers);
    const { startedAt, ...rest } = telemetry;
    const { host, path } = read ?? {};
    const milliseconds = Date.now() - startedAt;
    console.log(JSON.stringify({ ...rest, method: request.method, host, path, status, milliseconds }));
  }

  /** The first of each kind too, so that what is rare is seen. */
  private isDue({ cache, problem }: Telemetry, status: number): boolean {
    const asksRegions = cache === "stale" || cache === "miss" || cache === "pass";
    if (status >= 500 || (asksRegions && problem === undefined)) return true;
    const kind = problem ?? cache ?? "";
    const count = this.counts.get(kind) ?? 0;
    this.counts.set(kind, count + 1);
    return count % this.sampling === 0;
  }
}
