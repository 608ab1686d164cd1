import type { Properties } from "../stand-in";

/** What a change of an input does. */
type Change = "update" | "replace";

/** Inputs that change in place, by a list of names in one string. */
export const updates = (names: string): Record<string, Change> =>
  Object.fromEntries(names.split(" ").map((name) => [name, "update"]));

/** Inputs that only a new resource can have another value of. */
export const replaces = (names: string): Record<string, Change> =>
  Object.fromEntries(names.split(" ").map((name) => [name, "replace"]));

export interface Facts {
  /** All inputs, with defaults and names filled in. */
  inputs: Properties;
  /** The provider's own arguments. */
  settings: Properties;
}

export type Described = Facts & { id: string };

/** Resources of a type that exist in the same place, or anywhere in the cloud. */
export type Neighbours = (type: string, where?: "here" | "anywhere") => { id: string; properties: Properties }[];

/** A reason against a known value, or undefined. */
export type Check = (value: unknown) => string | undefined;

/**
 * A reason against inputs that don't go together, said of the first one that is read. Not asked while one of them is
 * unknown or refused alone.
 */
export interface Combination {
  reads: readonly [string, ...string[]];
  problem(inputs: Properties): string | undefined;
}

export interface ResourceType {
  /** Every input that the rehearsal knows. A nested path (`vpcConfig.vpcId`) refines its parent. */
  inputs: Record<string, Change>;
  required?: readonly string[];
  defaults?(settings: Properties): Properties;
  /** The input that is made from the logical name when the program leaves it out. */
  autonamed?: { property: string; prefix?: string };
  checks?: Record<string, Check>;
  combinations?: readonly Combination[];
  /** `hex` draws that many hexadecimal digits. */
  id(facts: Facts, hex: (length: number) => string): string;
  /** Why the cloud refuses to create this, if it does. */
  refuses?(facts: Facts, neighbours: Neighbours): string | undefined;
  /** What the cloud says to a second one with the same id. */
  taken?(id: string): string;
  /** Computed outputs; a nested one (`vpcConfig.vpcId`) is added to an object that is also an input. */
  outputs: Record<string, (facts: Described, neighbours: Neighbours) => unknown>;
  /** Computed outputs that are secret. */
  secrets?: readonly string[];
}

export interface PackageTable {
  package: string;
  /** Arguments of the provider itself. */
  arguments: readonly string[];
  /** What the provider makes of its arguments and the environment; throws where the real one refuses. */
  settings(arguments_: Properties): Properties;
  /** The part of the cloud that a resource is in. Undefined: there is no cloud, values live in the state alone. */
  place?(facts: Facts): string;
  /** Outputs that repeat an input, and are as secret as it is. */
  repeats?: Record<string, string>;
  types: Record<string, ResourceType>;
  functions: Record<string, (arguments_: Properties, settings: Properties, neighbours: Neighbours) => Properties>;
}
