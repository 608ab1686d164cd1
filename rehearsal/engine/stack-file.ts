import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { messageOf, UserError } from "../errors";

export interface StackFile {
  /** Everything but secrets, as it stands in the file; keys have their namespace, e.g. `omega:services`. */
  config: Record<string, unknown>;
  /** Keys, or paths below a key, whose value is encrypted, e.g. `omega:imageRegistryPassword`. */
  secrets: string[];
}

export function readStackFile(directory: string, stack: string): StackFile {
  const file = join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    throw new UserError(
      `there is no stack "${stack}"; stacks here: ${stackNames(directory).join(", ")} (STACK=<name>)`,
    );
  }
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`Pulumi.${stack}.yaml is no valid YAML: ${messageOf(error)}`);
  }
  const config = isRecord(parsed) && isRecord(parsed.config) ? parsed.config : {};
  const secrets: string[] = [];
  const plain = Object.entries(config).flatMap(([key, value]) => {
    const rest = withoutSecrets(value, key, secrets);
    return rest === undefined ? [] : [[key, rest] as const];
  });
  return { config: Object.fromEntries(plain), secrets };
}

export function stackNames(directory: string): string[] {
  return readdirSync(directory).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/** A stack of one region that takes what it leaves out from the stack of what the regions share. */
export interface RegionalStack {
  stack: string;
  region: string;
}

/** The stacks that inherit from this one and are each a region of it, in the order of its regions. */
export function regionalStacks(directory: string, stack: string): RegionalStack[] {
  const { config } = readStackFile(directory, stack);
  if (config["omega:scope"] !== "global") return [];
  const order = regionsOf(config).map(({ name }) => name);
  return stackNames(directory)
    .filter((name) => name !== stack)
    .flatMap((name) => {
      const own = readStackFile(directory, name).config;
      const { "omega:inherits": inherits, "omega:scope": scope, "omega:region": region } = own;
      return inherits === stack && scope === "region" && typeof region === "string" ? [{ stack: name, region }] : [];
    })
    .sort((one, other) => order.indexOf(one.region) - order.indexOf(other.region));
}

/** Lines of a stack's configuration, without empty ones and comments; and of the stack that it inherits from. */
export function configurationLines(directory: string, stack: string): { own: number; inherited: number } {
  const inherits = readStackFile(directory, stack).config["omega:inherits"];
  return {
    own: linesOf(directory, stack),
    inherited: typeof inherits === "string" ? linesOf(directory, inherits) : 0,
  };
}

const linesOf = (directory: string, stack: string): number =>
  readFileSync(join(directory, `Pulumi.${stack}.yaml`), "utf8")
    .split("\n")
    .filter((line) => line.startsWith(" ") && !/^\s*(#|$)/.test(line)).length;

/** A region's cluster in the rehearsal: the context's name is the AWS region where EKS makes it. */
export function rehearsedClusters(directory: string, stack: string): string[] {
  const { config } = readStackFile(directory, stack);
  const inherits = config["omega:inherits"];
  const merged = typeof inherits === "string" ? { ...readStackFile(directory, inherits).config, ...config } : config;
  if (merged["omega:scope"] === "global") return [];
  const cluster = merged["omega:cluster"];
  const nameKey = isRecord(cluster) && cluster.source === "eks" ? "aws" : "name";
  const own = merged["omega:region"];
  return regionsOf(merged)
    .filter(({ name }) => own === undefined || name === own)
    .map((region) => region[nameKey])
    .filter((name) => typeof name === "string");
}

function regionsOf(config: StackFile["config"]): Record<string, unknown>[] {
  const regions = config["omega:regions"];
  return Array.isArray(regions) ? regions.filter(isRecord) : [];
}

function withoutSecrets(value: unknown, path: string, secrets: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, `${path}[${index}]`, secrets));
  if (!isRecord(value)) return value;
  if (typeof value.secure === "string" && Object.keys(value).length === 1) {
    secrets.push(path);
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, withoutSecrets(item, `${path}.${key}`, secrets)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
