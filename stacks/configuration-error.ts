export interface ConfigurationError {
  /** Path in the stack file below `omega:`, e.g. `services[0].replicas.min`. */
  path: string;
  reason: string;
}
