import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { type AliasRequest, formerUrns, urnOf } from "./aliases";
import { mockCall, mockResource } from "../providers/tables/mocks";
import { UserError } from "../errors";
import { loadProgram } from "./program";
import { readStackFile, type StackFile } from "./stack-file";

export interface PlannedResource {
  /** As mocks make it: with the type of one component above it. */
  urn: string;
  /** As the engine makes it: with those of all components above it. */
  engineUrn: string;
  type: string;
  name: string;
  /** URN of the component it belongs to; undefined for the stack itself. */
  parent: string | undefined;
  /** URNs under which an older state may have it, by its aliases and its parents'. */
  formerUrns: string[];
  /** Whether an update that would delete or replace it is refused. */
  isProtected: boolean;
  /** Properties that the engine encrypts in the state, by their names. */
  secretProperties: string[];
  props: Record<string, unknown>;
}

export interface Plan {
  resources: PlannedResource[];
  outputs: Record<string, unknown>;
}

const project = "omega";
const stackType = "pulumi:pulumi:Stack";

/**
 * Runs a stack's program under mocks that answer from the stand-ins' tables: no engine, no plug-in, no cluster.
 *
 * @throws UserError if the program refuses its configuration
 */
export function planStack(directory: string, stack: string): Promise<Plan> {
  return planProgram(loadProgram(directory), stack, readStackFile(directory, stack));
}

export async function planProgram(
  program: PulumiFn,
  stack: string,
  { config, secrets }: StackFile,
  isPreview = true,
): Promise<Plan> {
  const values = Object.entries(config).map(([key, value]) => [key, encode(value)] as const);
  const rehearsed = secrets.map((key) => [key, "rehearsed"] as const);
  pulumi.runtime.setAllConfig(Object.fromEntries([...values, ...rehearsed]), secrets);

  const resources: PlannedResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        const mocked = mockResource(type, name, inputs);
        // Empty where nothing is imported; and in a preview, where it stands for what isn't known yet.
        return { id: id || (isPreview ? "" : mocked.id), state: mocked.outputs };
      },
      call: ({ token, inputs }) => mockCall(token, inputs),
    },
    project,
    stack,
    isPreview,
    "organization",
  );
  const disabled = disabledDefaults(config);
  const orphans: string[] = [];
  recordRequests(resources, (request) => {
    const { package: owner, type } = typeOf(request);
    if (!request.getCustom() || request.getProvider() !== "" || !disabled.includes(owner)) return;
    orphans.push(`${type} ${request.getName()}: has no ${owner} provider, and the default one is disabled`);
  });
  const outputs = await runProgram(program);
  if (orphans.length > 0) throw new UserError(orphans.sort().join("\n"));
  return { resources, outputs };
}

/** Packages of which each resource must be given a provider, as the engine will ask. */
function disabledDefaults(config: StackFile["config"]): string[] {
  const packages = config["pulumi:disable-default-providers"];
  return Array.isArray(packages) ? packages.map(String) : [];
}

function typeOf(request: RegisterResourceRequest): { package: string; type: string } {
  const [owner = "", , type = ""] = request.getType().split(":");
  return { package: owner, type };
}

const othersMilliseconds = 500;

async function runProgram(program: PulumiFn): Promise<Record<string, unknown>> {
  const failures = new Set<unknown>();
  let conclude: () => void = () => undefined;
  // What waits for a resource that failed waits for ever; what else fails has this long to come.
  const concluded = new Promise<void>((resolve) => (conclude = () => setTimeout(resolve, othersMilliseconds)));
  const collect = (failure: unknown): void => {
    failures.add(failure);
    conclude();
  };
  // What fails inside an apply reaches nobody else.
  process.on("unhandledRejection", collect);
  let outputs: Record<string, unknown> = {};
  const ended = pulumi.runtime.runInPulumiStack(async () => {
    try {
      outputs = { ...(await program()) };
      return outputs;
    } catch (failure) {
      // Thrown on, it would come back from every output that waits for the program's.
      collect(failure);
      return {};
    }
  });
  await Promise.race([ended.then(() => pulumi.runtime.disconnect()), concluded]);
  // What was rejected last is told of a turn later.
  await new Promise((next) => setImmediate(next));
  // What comes later than that would be told as a crash.
  setTimeout(() => process.off("unhandledRejection", collect), othersMilliseconds).unref();
  if (failures.size === 0) return resolve(outputs);
  const messages = [...failures].map((each) => (pulumi.RunError.isInstance(each) ? each.message : detailed(each)));
  throw new UserError(messages.join("\n"));
}

/** A mistake in the program, not in its configuration: where it was thrown helps. */
function detailed(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}

/** Mocks aren't told a resource's parent, the monitor behind them is. */
function recordRequests(resources: PlannedResource[], check: (request: RegisterResourceRequest) => void): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(
      request: RegisterResourceRequest,
      callback: (error: unknown, response?: { getUrn(): string }) => void,
    ): Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  // Parents are registered before their children.
  const identify = identities();
  monitor.registerResource = (request, callback) => {
    check(request);
    return register(request, (error, response) => {
      if (response !== undefined && request.getType() !== stackType) {
        const properties = pulumi.runtime.deserializeProperties(request.getObject());
        const parent = request.getParent();
        resources.push({
          ...identify(request, response.getUrn()),
          type: request.getType(),
          name: request.getName(),
          parent: parent.includes(`::${stackType}::`) ? undefined : parent,
          isProtected: request.getProtect() === true,
          secretProperties: Object.keys(properties).filter((name) => pulumi.runtime.isRpcSecret(properties[name])),
          props: plain(properties),
        });
      }
      callback(error, response);
    });
  };
}

type Identified = Pick<PlannedResource, "urn" | "engineUrn" | "formerUrns">;

/** URNs of each resource now and before, of which mocks know a part. */
function identities(): (request: RegisterResourceRequest, urn: string) => Identified {
  const known = new Map<string, Identified>();
  const engineUrnOf = (urn: string) => known.get(urn)?.engineUrn ?? urn;
  return (request, urn) => {
    const [type, name] = [request.getType(), request.getName()];
    const parent = engineUrnOf(request.getParent());
    const engineUrn = urnOf(pulumi.getStack(), project, parent, type, name);
    const aliasesOfParent = known.get(request.getParent())?.formerUrns ?? [];
    const former = formerUrns(
      { urn: engineUrn, type, name, parent },
      request.getAliasesList(),
      aliasesOfParent,
      engineUrnOf,
    );
    const identified = { urn, engineUrn, formerUrns: former };
    known.set(urn, identified);
    return identified;
  };
}

/** Without the marks of what is secret: policies and reports read the values, which under mocks are nobody's. */
function plain(properties: Record<string, unknown>): Record<string, unknown> {
  const bare = (value: unknown): unknown =>
    pulumi.runtime.isRpcSecret(value) ? pulumi.runtime.unwrapRpcSecret(value) : value;
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, bare(value)]));
}

interface RegisterResourceRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  /** Reference of the provider, empty where the engine would take its default one. */
  getProvider(): string;
  getProtect(): boolean | undefined;
  getAliasesList(): AliasRequest[];
  getObject(): Parameters<typeof pulumi.runtime.deserializeProperties>[0];
}

function encode(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One by one: what only an update can know would hide what is beside it. */
async function resolve(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const known = Object.entries(outputs).map(async ([name, value]) => {
    const output = pulumi.output(value) as unknown as { promise(): Promise<unknown> };
    return [name, await output.promise()] as const;
  });
  return Object.fromEntries((await Promise.all(known)).filter(([, value]) => value !== undefined));
}
