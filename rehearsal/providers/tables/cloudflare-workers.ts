import { creationTime } from "./aws-facts";
import { between, everyOne, matches, oneOf } from "./checks";
import { bool, hostname, identifier, isTaken, uuid } from "./cloudflare-facts";
import { type Check, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

const worker = "cloudflare:index/worker:Worker";
const version = "cloudflare:index/workerVersion:WorkerVersion";
const route = "cloudflare:index/workersRoute:WorkersRoute";
const record = "cloudflare:index/dnsRecord:DnsRecord";

const listOf = (value: unknown): Properties[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** https://developers.cloudflare.com/workers/configuration/routing/workers-dev/: a name is a DNS label. */
export const workerName = matches(/^[a-z0-9_][a-z0-9_-]{0,62}$/, "at most 63 small letters, digits, - and _");

const noWorker = "10007: This Worker does not exist on your account.";

/** A Worker by its name; zones' routes look for it in the account. */
export function refuseWorkerName(name: unknown, neighbours: Neighbours): string | undefined {
  if (name === undefined) return undefined;
  return neighbours(worker, "anywhere").some(({ properties }) => properties.name === name) ? undefined : noWorker;
}

const moduleTypes =
  "application/javascript+module application/javascript text/javascript+module text/javascript application/wasm " +
  "text/plain application/octet-stream text/x-python text/x-python-requirement application/json application/source-map";
const moduleType = oneOf(...moduleTypes.split(" "));

const bindingTypes =
  "ai ai_search ai_search_namespace analytics_engine assets browser d1 data_blob dispatch_namespace " +
  "durable_object_namespace hyperdrive inherit images json kv_namespace mtls_certificate plain_text pipelines queue " +
  "ratelimit r2_bucket secret_text send_email service text_blob vectorize version_metadata secrets_store_secret " +
  "secret_key workflow wasm_module media flagship vpc_service vpc_network";
const bindingType = oneOf(...bindingTypes.split(" "));

/** What a binding of a type can't do without. */
const neededByBindings: Record<string, string> = {
  d1: "databaseId",
  durable_object_namespace: "className",
  hyperdrive: "id",
  json: "json",
  kv_namespace: "namespaceId",
  mtls_certificate: "certificateId",
  plain_text: "text",
  queue: "queueName",
  r2_bucket: "bucketName",
  secret_text: "text",
  service: "service",
  analytics_engine: "dataset",
};

const binding: Check = (value) => {
  if (!isObject(value)) return "a binding must be an object";
  const { name, type, simple } = value;
  const unknown = bindingType(type);
  if (unknown !== undefined) return `the type of ${String(name)} ${unknown}`;
  const needed = neededByBindings[String(type)];
  if (needed !== undefined && value[needed] === undefined) return `the ${String(type)} ${String(name)} needs ${needed}`;
  if (type !== "ratelimit") return undefined;
  // https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/
  const period = isObject(simple) ? oneOf(10, 60)(simple.period) : "needs simple.limit and simple.period";
  return period === undefined ? undefined : `the ratelimit ${String(name)}: period ${period}`;
};

const bindings: Check = (value) => {
  const names = listOf(value).map(({ name }) => name);
  return new Set(names).size < names.length ? "every binding must have a name of its own" : everyOne(binding)(value);
};

const scriptModule: Check = (value) => {
  if (!isObject(value)) return "a module must be an object";
  if ((value.contentBase64 === undefined) === (value.contentFile === undefined)) {
    return `module ${String(value.name)} must have either contentBase64 or contentFile`;
  }
  const type = moduleType(value.contentType);
  return type === undefined ? undefined : `the contentType of ${String(value.name)} ${type}`;
};

const mainProblem = ({ mainModule, modules }: Properties): string | undefined =>
  mainModule === undefined || listOf(modules).some(({ name }) => name === mainModule)
    ? undefined
    : `must be one of the modules, not ${String(mainModule)}`;

/** https://developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/ */
const deployed: Check = (value) => {
  const shares = listOf(value).map(({ percentage }) => Number(percentage));
  if (shares.length < 1 || shares.length > 2) return `must be 1 or 2 versions, not ${shares.length}`;
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total !== 100) return `the percentages must add up to 100, not ${total}`;
  const ids = listOf(value).map(({ versionId }) => versionId);
  return new Set(ids).size < ids.length ? "must be of different versions" : everyOne(between(0.01, 100))(shares);
};

function refuseDeployment({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const { scriptName, versions } = inputs;
  const found = neighbours(worker).find(({ properties }) => properties.name === scriptName);
  if (!found) return noWorker;
  const own = neighbours(version).filter(({ properties: { workerId } }) => [found.id, scriptName].includes(workerId));
  const unknown = listOf(versions).find(({ versionId }) => !own.some(({ id }) => id === versionId));
  return unknown && `${String(scriptName)} has no version ${String(unknown.versionId)}`;
}

/** https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior */
const pattern: Check = (value) => {
  const text = String(value).replace(/^(https?:\/\/|\*:\/\/)/, "");
  const [host = "", ...path] = text.split("/");
  if (text.includes("?")) return "must not have a query";
  if (host.slice(1).includes("*")) return "may have a * in the host only at its start";
  return path.join("/").slice(0, -1).includes("*") ? "may have a * in the path only at its end" : undefined;
};

function refuseDomain({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const isRival = ({ properties: { name, type } }: { properties: Properties }) =>
    name === inputs.hostname && ["A", "AAAA", "CNAME"].includes(String(type));
  const rival = neighbours(record, "anywhere").some(isRival);
  return rival
    ? `100117: Hostname '${String(inputs.hostname)}' already has externally managed DNS records (A, CNAME, etc).`
    : refuseWorkerName(inputs.service, neighbours);
}

export const cloudflareWorkersTypes: Record<string, ResourceType> = {
  [worker]: {
    inputs: {
      ...replaces("accountId"),
      ...updates("force logpush name observability previewsBaseConfig subdomain tags tailConsumers"),
    },
    required: ["accountId", "name"],
    defaults: () => ({ logpush: false, tags: [] }),
    checks: {
      accountId: identifier,
      name: workerName,
      logpush: bool,
      "observability.headSamplingRate": between(0, 1),
      "observability.logs.headSamplingRate": between(0, 1),
      "observability.traces.headSamplingRate": between(0, 1),
    },
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, worker, "name") ? "a Worker with this name exists in the account" : undefined,
    outputs: { createdOn: () => creationTime, updatedOn: () => creationTime },
  },
  [version]: {
    inputs: {
      ...replaces("accountId annotations assets bindings cacheOptions compatibilityDate compatibilityFlags containers"),
      ...replaces("exports limits mainModule migrations modules packageDependencies placement usageModel workerId"),
      ...updates("deploy include"),
    },
    required: ["accountId", "workerId"],
    defaults: () => ({ usageModel: "standard" }),
    checks: {
      accountId: identifier,
      compatibilityDate: matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, "a date such as 2026-01-31"),
      usageModel: oneOf("standard", "bundled", "unbound"),
      modules: everyOne(scriptModule),
      bindings,
      "placement.mode": oneOf("smart", "targeted"),
      // Milliseconds: https://developers.cloudflare.com/workers/platform/limits/#cpu-time
      "limits.cpuMs": between(1, 300_000),
      "annotations.workersTag": matches(/^.{0,100}$/, "at most 100 characters"),
    },
    combinations: [
      { reads: ["mainModule", "modules"], problem: mainProblem },
      {
        reads: ["exports", "migrations"],
        problem: ({ exports, migrations }) =>
          exports === undefined || migrations === undefined ? undefined : "exports and migrations exclude each other",
      },
    ],
    id: (_, hex) => uuid(hex(32)),
    refuses: ({ inputs }, neighbours) =>
      neighbours(worker).some(({ id, properties }) => [id, properties.name].includes(inputs.workerId))
        ? undefined
        : noWorker,
    outputs: { createdOn: () => creationTime, source: () => "api", startupTimeMs: () => 1, urls: () => [] },
  },
  "cloudflare:index/workersDeployment:WorkersDeployment": {
    inputs: { ...replaces("accountId annotations scriptName strategy versions"), ...updates("force") },
    required: ["accountId", "scriptName", "strategy", "versions"],
    checks: { accountId: identifier, scriptName: workerName, strategy: oneOf("percentage"), versions: deployed },
    id: (_, hex) => uuid(hex(32)),
    refuses: refuseDeployment,
    outputs: { createdOn: () => creationTime, source: () => "api" },
  },
  [route]: {
    inputs: { ...replaces("zoneId"), ...updates("pattern script") },
    required: ["pattern", "zoneId"],
    checks: { zoneId: identifier, pattern, script: workerName },
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, route, "pattern")
        ? "10020: A route with the same pattern already exists."
        : refuseWorkerName(facts.inputs.script, neighbours),
    outputs: {},
  },
  "cloudflare:index/workersCustomDomain:WorkersCustomDomain": {
    inputs: replaces("accountId environment hostname service zoneId zoneName"),
    required: ["accountId", "hostname", "service"],
    defaults: () => ({ environment: "production" }),
    checks: { accountId: identifier, zoneId: identifier, hostname, service: workerName },
    id: (_, hex) => hex(32),
    refuses: refuseDomain,
    outputs: { certId: ({ id }) => uuid(id) },
  },
};
