import type { ConfigurationError } from "./configuration-error";
import type { SecretKey } from "./schema";

/** A secret and what it is for come together, or not at all. */
export function secretErrors(
  key: SecretKey,
  path: string,
  isNeeded: boolean,
  secrets: readonly SecretKey[],
): ConfigurationError[] {
  const isGiven = secrets.includes(key);
  if (isNeeded && !isGiven) {
    return [{ path: key, reason: `is missing, for ${path}: pulumi config set --secret omega:${key}` }];
  }
  return isGiven && !isNeeded ? [{ path, reason: `is missing, but ${key} is set` }] : [];
}
