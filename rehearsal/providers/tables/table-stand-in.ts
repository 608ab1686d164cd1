import { randomBytes } from "node:crypto";
import { type Address, Cloud, conceal, reveal } from "../clouds/cloud";
import { differences } from "../property-path";
import type { CheckFailure, ExistingResource, Operation, Properties, ResourceReference, StandIn } from "../stand-in";
import { callFunction, checkResource, diffResource, outputsOf, typeOf } from "./resource";
import { secret } from "../wire";
import type { Described, Neighbours, PackageTable } from "./table";

const randomHex = (length: number): string => randomBytes(length).toString("hex").slice(0, length);

/** `aws:ec2/vpc:Vpc` → `ec2/vpc` */
const kindOf = (token: string): string => token.split(":")[1] ?? token;

/** A provider that is described by a table and a folder of what exists. */
export class TableStandIn implements StandIn {
  readonly package: string;
  private settings: Properties = {};
  private readonly cloud: Cloud | undefined;

  constructor(private readonly table: PackageTable) {
    this.package = table.package;
    this.cloud = table.place && new Cloud(table.package);
  }

  async checkConfig(arguments_: Properties): Promise<CheckFailure[]> {
    // Every provider resource also carries where its plug-in comes from.
    const known = [...this.table.arguments, "version", "pluginDownloadURL"];
    const unknown = Object.keys(arguments_).filter((property) => !known.includes(property));
    return unknown.map((property) => ({
      property,
      reason: `the rehearsal does not know this argument: add it to rehearsal/providers/tables/${this.package}.ts`,
    }));
  }

  async diffConfig(olds: Properties, news: Properties) {
    return { changed: differences(olds, news), replaces: [] };
  }

  async configure(arguments_: Properties): Promise<void> {
    this.settings = this.table.settings(arguments_);
  }

  async check(
    { type: token, name }: ResourceReference,
    olds: Properties | undefined,
    news: Properties,
    randomSeed: Uint8Array,
  ) {
    return checkResource(this.table, { token, name, olds, news, settings: this.settings, randomSeed });
  }

  async diff(resource: ExistingResource, news: Properties, ignoreChanges: string[]) {
    return diffResource(typeOf(this.table, resource.type), resource.name, resource.inputs, news, ignoreChanges);
  }

  private address(token: string, given: Properties, id: string): Address {
    // At an import nothing is given yet.
    const inputs = { ...typeOf(this.table, token).defaults?.(this.settings), ...given };
    const place = this.table.place?.({ inputs, settings: this.settings }) ?? "";
    return { place, kind: kindOf(token), id };
  }

  private neighboursOf(inputs: Properties): Neighbours {
    return (token, where) => {
      if (!this.cloud) return [];
      return where === "anywhere"
        ? this.cloud.listAnywhere(kindOf(token))
        : this.cloud.list(this.address(token, inputs, ""));
    };
  }

  private outputs(
    token: string,
    facts: Described,
    secrets: readonly string[] = [],
    preview?: { olds?: Properties },
  ): Properties {
    const outputs = outputsOf(typeOf(this.table, token), facts, this.neighboursOf(facts.inputs), preview);
    for (const [output, input] of Object.entries(this.table.repeats ?? {})) {
      if (secrets.includes(input) && outputs[output] !== undefined) outputs[output] = secret(outputs[output]);
    }
    return outputs;
  }

  async create({ type: token }: ResourceReference, inputs: Properties, { preview, secrets }: Operation) {
    const type = typeOf(this.table, token);
    const facts = { inputs, settings: this.settings };
    if (preview) return { id: "", outputs: this.outputs(token, { ...facts, id: "" }, secrets, {}) };
    const refusal = type.refuses?.(facts, this.neighboursOf(inputs));
    if (refusal !== undefined) throw new Error(refusal);
    const id = type.id(facts, randomHex);
    if (this.cloud?.create(this.address(token, inputs, id), conceal(inputs, secrets)) === false) {
      throw new Error(type.taken?.(id) ?? `${id} already exists`);
    }
    return { id, outputs: this.outputs(token, { ...facts, id }, secrets) };
  }

  /** Outputs that are secret in the state are marked again by the server. */
  async read({ type: token, id, inputs: known, outputs }: ExistingResource) {
    if (!this.cloud) {
      if (Object.keys(outputs).length === 0) throw new Error(`the rehearsal can't import ${token}`);
      return { id, inputs: known, outputs };
    }
    const stored = this.cloud.read(this.address(token, known, id));
    if (!stored) return undefined;
    const inputs = reveal(stored, known);
    return { id, inputs, outputs: this.outputs(token, { inputs, settings: this.settings, id }) };
  }

  async update({ type: token, id, outputs: olds }: ExistingResource, news: Properties, operation: Operation) {
    const { preview, secrets } = operation;
    const facts = { inputs: news, settings: this.settings, id };
    if (preview) return { outputs: this.outputs(token, facts, secrets, { olds }) };
    this.cloud?.replace(this.address(token, news, id), conceal(news, secrets));
    return { outputs: this.outputs(token, facts, secrets) };
  }

  async delete({ type: token, inputs, id }: ExistingResource): Promise<void> {
    this.cloud?.delete(this.address(token, inputs, id));
  }

  async invoke(token: string, arguments_: Properties): Promise<Properties> {
    return callFunction(this.table, token, arguments_, this.settings, this.neighboursOf(arguments_));
  }
}
