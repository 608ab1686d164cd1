export interface ConfigurationError {
  /** Path in the stack file below `omega:`, e.g. `services[0].replicas.min`. */
  path: string;
  reason: string;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A field of what may be no object. */
export function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(key)
    : undefined;
}
