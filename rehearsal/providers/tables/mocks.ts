import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type Properties, UNKNOWN } from "../stand-in";
import { containsSecret, isObject, secret, withoutMarks } from "../wire";
import { tables } from ".";
import { autoname, callFunction, checkResource, outputsOf, typeOf } from "./resource";
import type { PackageTable } from "./table";

const mockSettings: Properties = { region: "us-east-1" };

const tableOf = (token: string): PackageTable | undefined =>
  tables.find((table) => token.startsWith(`${table.package}:`));

/** As server-side apply leaves it to the provider: a name made from the logical one. What is balanced has its address. */
function mockObject(token: string, name: string, inputs: Properties): Properties {
  if (!token.startsWith("kubernetes:")) return inputs;
  const metadata = isObject(inputs.metadata) ? inputs.metadata : {};
  const object = { ...inputs, metadata: { name: autoname(name, Buffer.from(name)), ...metadata } };
  const isBalanced = isObject(inputs.spec) && inputs.spec.type === "LoadBalancer";
  return isBalanced ? { ...object, status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } } : object;
}

/**
 * What a stand-in would make of a resource, without a process and the same every time; for `pulumi.runtime.setMocks`.
 *
 * @throws Error with every reason against the inputs
 */
export function mockResource(
  token: string,
  name: string,
  news: Properties,
  settings = mockSettings,
): { id: string; outputs: Properties } {
  if (token === "pulumi:pulumi:StackReference")
    return { id: name, outputs: { ...news, outputs: outputsOfStack(name) } };
  const table = tableOf(token);
  if (!table) return { id: `${name}-id`, outputs: mockObject(token, name, news) };
  const request = {
    token,
    name,
    olds: undefined,
    news: plainOf(news),
    settings,
    randomSeed: Buffer.from(token + name),
  };
  const { inputs, failures } = checkResource(table, request);
  if (failures.length > 0) {
    const reasons = failures.map(({ property, reason }) => `${property}: ${reason}`);
    throw new Error(`${token} ${name}: ${reasons.join("; ")}`);
  }
  const type = typeOf(table, token);
  const hex = (length: number) =>
    createHash("sha256")
      .update(token + name)
      .digest("hex")
      .slice(0, length);
  const id = type.id({ inputs, settings }, hex);
  const outputs = outputsOf(type, { inputs, settings, id }, () => []);
  // No password of anything that will be, and one that is the same every time.
  const lengthOf = (property: string) => String(withoutMarks(outputs[property])).length;
  const secrets = (type.secrets ?? []).map((property) => [property, secret(hex(lengthOf(property)))] as const);
  const given = Object.keys(news).filter((key) => key in outputs && containsSecret(news[key]));
  const marked = given.map((key) => [key, secret(outputs[key])] as const);
  return { id, outputs: { ...outputs, ...Object.fromEntries([...marked, ...secrets]) } };
}

/** As the engine hands them to providers: the SDK marks for mocks what is secret, and what isn't known yet. */
function plainOf(properties: Properties): Properties {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (!isObject(value)) return value;
    return value.__pulumiUnknown === true ? UNKNOWN : plainOf(value);
  };
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(withoutMarks(value))]));
}

/** A plan takes its own stack never to have been updated, and a region's to have a gateway. */
function outputsOfStack(reference: string): Properties {
  const stack = reference.split("/").at(-1) ?? "";
  return stack === pulumi.getStack() ? {} : { gateway: `gateway.${stack}.example` };
}

export function mockCall(token: string, arguments_: Properties, settings = mockSettings): Properties {
  const table = tableOf(token);
  if (!table) throw new Error(`the rehearsal does not know ${token}`);
  return callFunction(table, token, arguments_, settings, () => []);
}
