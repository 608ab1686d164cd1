/** Of one request, from which its log line and Server-Timing come. */
export interface Telemetry {
  /** W3C trace context, level 1. */
  traceparent: string;
  startedAt: number;
  cache?: "memory" | "centre" | "stale" | "miss" | "pass";
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

/** One line of JSON a request. Neither query nor headers: they may hold secrets. */
export function logRequest(telemetry: Telemetry, method: string, host: string, path: string, status: number): void {
  const { startedAt, ...rest } = telemetry;
  console.log(JSON.stringify({ ...rest, method, host, path, status, milliseconds: Date.now() - startedAt }));
}
