import { createHmac, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { writePrivateFile } from "../../files";
import { rehearsalPaths } from "../../paths";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

/** Where one simulated resource is, e.g. region `eu-west-1`, kind `ec2/vpc`. */
export interface Address {
  place: string;
  kind: string;
  id: string;
}

const errorCode = (error: unknown): unknown => (isObject(error) ? error.code : undefined);

/**
 * What exists in a simulated cloud: one JSON file a resource, holding what it was asked to be. Edit one to make drift.
 * Files appear complete or not at all, so several processes may share the folder.
 */
export class Cloud {
  constructor(
    packageName: string,
    private readonly folder = join(process.env.OMEGA_CLOUDS_DIR ?? rehearsalPaths().clouds, packageName),
  ) {}

  private kindFolder({ place, kind }: Omit<Address, "id">): string {
    return join(this.folder, encodeURIComponent(place), kind);
  }

  private file(address: Address): string {
    return join(this.kindFolder(address), `${encodeURIComponent(address.id)}.json`);
  }

  private write(file: string, properties: Properties): void {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writePrivateFile(file, `${JSON.stringify(properties, undefined, 2)}\n`);
  }

  /** False: there is one already. */
  create(address: Address, properties: Properties): boolean {
    const draft = `${this.file(address)}.${process.pid}`;
    this.write(draft, properties);
    try {
      linkSync(draft, this.file(address));
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(draft);
    }
  }

  replace(address: Address, properties: Properties): void {
    this.write(this.file(address), properties);
  }

  read(address: Address): Properties | undefined {
    try {
      const properties: unknown = JSON.parse(readFileSync(this.file(address), "utf8"));
      if (isObject(properties)) return properties;
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw new Error(`${this.file(address)}: ${String(error)}`);
    }
    throw new Error(`${this.file(address)}: a JSON object is expected`);
  }

  private names(folder: string): string[] {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  }

  /** In every place. */
  listAnywhere(kind: string): { id: string; properties: Properties }[] {
    return this.names(this.folder).flatMap((place) => this.list({ place: decodeURIComponent(place), kind }));
  }

  list(where: Omit<Address, "id">): { id: string; properties: Properties }[] {
    const names = this.names(this.kindFolder(where)).filter((name) => name.endsWith(".json"));
    return names.flatMap((name) => {
      const id = decodeURIComponent(name.slice(0, -".json".length));
      const properties = this.read({ ...where, id });
      return properties ? [{ id, properties }] : [];
    });
  }

  delete(address: Address): void {
    rmSync(this.file(address), { force: true });
  }
}

const hash = (value: unknown, salt: string): string =>
  createHmac("sha256", salt).update(JSON.stringify(value)).digest("hex");

/** Secrets become salted hashes: enough to see that one has changed. */
export function conceal(properties: Properties, secrets: readonly string[] = []): Properties {
  const concealed = { ...properties };
  for (const key of secrets) {
    const salt = randomBytes(16).toString("hex");
    concealed[key] = { secretSalt: salt, secretHash: hash(properties[key], salt) };
  }
  return concealed;
}

/** Puts back the secrets that the state knows and that haven't changed; any other is left out, which shows as drift. */
export function reveal(stored: Properties, known: Properties): Properties {
  const entries = Object.entries(stored).map(([key, value]): [string, unknown] => {
    if (!isObject(value) || typeof value.secretSalt !== "string") return [key, value];
    return [key, hash(known[key], value.secretSalt) === value.secretHash ? known[key] : undefined];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
