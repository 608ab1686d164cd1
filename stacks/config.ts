import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { ImageRegistry } from "../components";
import type { DataLayout } from "./previous";
import { type PlatformSections, type SecretKey, secretKeys } from "./schema";
import type { ConfigurationError } from "./configuration-error";
import { validate } from "./validation";

/** The configuration of a stack: the only place that reads it, and all that a stack is given. */
export interface PlatformConfig extends Omit<PlatformSections, "imageRegistry"> {
  imageRegistry: ImageRegistry | undefined;
  /** Those that are set. */
  secrets: Partial<Record<SecretKey, pulumi.Output<string>>>;
  /** How data is divided since the last update. */
  previous: DataLayout;
}

const prefix = "omega:";

/**
 * Reads and checks the stack's configuration.
 *
 * @param projectDirectory folder of the stack files, where `inherits` finds the other one
 * @param previous how data is divided since the last update, which not every change can undo
 * @throws pulumi.RunError with every error, each with its path
 */
export function readConfiguration(projectDirectory: string, previous: DataLayout): PlatformConfig {
  const own = new Map(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), decode(value)]),
  );
  const given = Object.keys(secretKeys)
    .filter(isSecretKey)
    .filter((key) => own.delete(key));
  const errors: ConfigurationError[] = [];
  const inherited = inherit(own.get("inherits"), projectDirectory, errors);
  const { sections, errors: found } = validate({ ...inherited, ...Object.fromEntries(own) }, given, previous);
  errors.push(...found);
  if (sections === undefined || errors.length > 0) {
    const lines = errors.map(({ path, reason }) => {
      const section = path.replace(/[.[].*/, "");
      const isInherited = section in inherited && !own.has(section);
      return `  ${path}: ${reason}${isInherited ? ` (in Pulumi.${String(own.get("inherits"))}.yaml)` : ""}`;
    });
    throw new pulumi.RunError(`Pulumi.${pulumi.getStack()}.yaml has ${count(errors.length)}:\n${lines.join("\n")}`);
  }
  const secrets: PlatformConfig["secrets"] = {};
  for (const key of given) secrets[key] = new pulumi.Config("omega").requireSecret(key);
  const { imageRegistryPassword: password } = secrets;
  const { imageRegistry } = sections;
  return {
    ...sections,
    secrets,
    previous,
    imageRegistry: imageRegistry && password ? { ...imageRegistry, password } : undefined,
  };
}

const isSecretKey = (key: string): key is SecretKey => key in secretKeys;

/** The engine hands lists and objects over as JSON, and everything else as the text that stands in the file. */
function decode(value: string): unknown {
  if (!/^\s*[[{]|^(true|false)$/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // A text in the file that only looks like a list: validation says what it should have been.
    return value;
  }
}

function count(errors: number): string {
  return errors === 1 ? "1 error" : `${errors} errors`;
}

function inherit(stack: unknown, directory: string, errors: ConfigurationError[]): Record<string, unknown> {
  if (stack === undefined) return {};
  const file = join(directory, `Pulumi.${String(stack)}.yaml`);
  if (!existsSync(file)) {
    errors.push({ path: "inherits", reason: `Pulumi.${String(stack)}.yaml does not exist` });
    return {};
  }
  const parsed: unknown = parse(readFileSync(file, "utf8"));
  const { config } = stackFile(parsed);
  return Object.fromEntries(
    Object.entries(config)
      // Another stack's secrets are encrypted with another key: each stack sets its own.
      .filter(([key]) => key.startsWith(prefix) && !isSecretKey(key.slice(prefix.length)))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

function stackFile(parsed: unknown): { config: Record<string, unknown> } {
  if (typeof parsed !== "object" || parsed === null || !("config" in parsed)) return { config: {} };
  const { config } = parsed;
  return { config: typeof config === "object" && config !== null ? { ...config } : {} };
}
