import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Properties } from "../stand-in";
import { atLeast } from "./checks";
import { type PackageTable, replaces, type ResourceType } from "./table";

// https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password#argument-reference
const classes = [
  { name: "Lower", characters: "abcdefghijklmnopqrstuvwxyz" },
  { name: "Upper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { name: "Numeric", characters: "0123456789" },
  { name: "Special", characters: "!@#$%&*()-_=+[]{}<>:?" },
];

const pick = (characters: string): string => characters.charAt(randomInt(characters.length));

function shuffle(characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? "", characters[last] ?? ""];
  }
  return characters;
}

function randomText(inputs: Properties): string {
  const allowed = classes
    .filter(({ name }) => inputs[name.toLowerCase()] !== false)
    .map(({ name, characters }) => ({
      characters: name === "Special" ? String(inputs.overrideSpecial ?? characters) : characters,
      minimum: Number(inputs[`min${name}`] ?? 0),
    }));
  const text = allowed.flatMap(({ characters, minimum }) => Array.from({ length: minimum }, () => pick(characters)));
  const all = allowed.map(({ characters }) => characters).join("");
  if (all === "" || text.length > Number(inputs.length)) {
    throw new Error(`no text of ${String(inputs.length)} characters can have what was asked for`);
  }
  while (text.length < Number(inputs.length)) text.push(pick(all));
  return shuffle(text).join("");
}

const text = {
  inputs: replaces(
    "keepers length lower minLower minNumeric minSpecial minUpper number numeric overrideSpecial special upper",
  ),
  required: ["length"],
  checks: { length: atLeast(1) },
};

const bytesOf = (id: string): Buffer => Buffer.from(id, "base64url");
const prefixed = (inputs: Properties, value: string): string => `${String(inputs.prefix ?? "")}${value}`;

const types: Record<string, ResourceType> = {
  // No bcryptHash: nothing here can compute one.
  "random:index/randomPassword:RandomPassword": {
    ...text,
    id: () => "none",
    outputs: { result: ({ inputs }) => randomText(inputs) },
    secrets: ["result"],
  },
  "random:index/randomString:RandomString": {
    ...text,
    id: ({ inputs }) => randomText(inputs),
    outputs: { result: ({ id }) => id },
  },
  "random:index/randomId:RandomId": {
    inputs: replaces("byteLength keepers prefix"),
    required: ["byteLength"],
    checks: { byteLength: atLeast(1) },
    id: ({ inputs }) => randomBytes(Number(inputs.byteLength)).toString("base64url"),
    outputs: {
      b64Url: ({ inputs, id }) => prefixed(inputs, id),
      b64Std: ({ inputs, id }) => prefixed(inputs, bytesOf(id).toString("base64")),
      hex: ({ inputs, id }) => prefixed(inputs, bytesOf(id).toString("hex")),
      dec: ({ inputs, id }) => prefixed(inputs, BigInt(`0x${bytesOf(id).toString("hex")}`).toString()),
    },
  },
  "random:index/randomUuid:RandomUuid": {
    inputs: replaces("keepers"),
    id: () => randomUUID(),
    outputs: { result: ({ id }) => id },
  },
  // No seed: the real provider's generator is Go's.
  "random:index/randomInteger:RandomInteger": {
    inputs: replaces("keepers max min"),
    required: ["max", "min"],
    id: ({ inputs }) => String(randomInt(Number(inputs.min), Number(inputs.max) + 1)),
    outputs: { result: ({ id }) => Number(id) },
  },
};

/** Values are drawn once and kept in the state until an input changes. */
export const randomTable: PackageTable = {
  package: "random",
  arguments: [],
  settings: (arguments_) => arguments_,
  types,
  functions: {},
};
