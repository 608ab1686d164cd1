const names = new WeakMap<Response, string>();

/** Answers of the edge itself, as RFC 9457 has them. */
export function problem(status: number, name: string, detail: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ type: `urn:omega:edge:${name}`, title: name.replaceAll("-", " "), status, detail });
  const response = new Response(body, {
    status,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store", ...headers },
  });
  names.set(response, name);
  return response;
}

/** Undefined for what isn't the edge's own. */
export const problemOf = (response: Response): string | undefined => names.get(response);
