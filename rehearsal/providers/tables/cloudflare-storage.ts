import { creationTime } from "./aws-facts";
import { atLeast, everyOne, matches, oneOf } from "./checks";
import { absent, byteLength, hostname, identifier, isTaken } from "./cloudflare-facts";
import { type Check, replaces, type ResourceType, updates } from "./table";
import { isObject } from "../wire";

const bucket = "cloudflare:index/r2Bucket:R2Bucket";
const namespace = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";

const jurisdiction = oneOf("default", "eu", "fedramp", "us");
const noBucket = "10006: The specified bucket does not exist.";

/** https://developers.cloudflare.com/kv/platform/limits/: values of 25 MiB, keys of 512 bytes, metadata of 1024. */
const atMostBytes =
  (bytes: number): Check =>
  (value) =>
    byteLength(value) <= bytes ? undefined : `must be at most ${bytes} bytes long, not ${byteLength(value)}`;

const jsonOfAtMost: Check = (value) => {
  try {
    JSON.parse(String(value));
  } catch {
    return "must be JSON";
  }
  return atMostBytes(1024)(value);
};

const lifecycleRule: Check = (rule) => {
  if (!isObject(rule)) return "a rule must be an object";
  const { abortMultipartUploadsTransition, deleteObjectsTransition, storageClassTransitions } = rule;
  const acts = [abortMultipartUploadsTransition, deleteObjectsTransition, storageClassTransitions];
  if (acts.every((act) => act === undefined)) return `rule ${String(rule.id)} must have a transition`;
  const single = [abortMultipartUploadsTransition, deleteObjectsTransition];
  const several: unknown[] = Array.isArray(storageClassTransitions) ? storageClassTransitions : [];
  const conditions = [...single, ...several].flatMap((act) => (isObject(act) ? [act.condition] : []));
  const bad = conditions.find((one) => {
    if (!isObject(one)) return true;
    // Ages are in seconds: https://developers.cloudflare.com/r2/buckets/object-lifecycles/
    return one.type === "Age" ? !(Number(one.maxAge) > 0) : typeof one.date !== "string";
  });
  return bad === undefined ? undefined : `rule ${String(rule.id)} must have an age in seconds or a date`;
};

/** A rule's `id` may be used once, and a bucket has at most 1000 rules. */
const lifecycleRules: Check = (value) => {
  if (!Array.isArray(value)) return "must be a list";
  if (value.length > 1000) return `must be at most 1000 rules, not ${value.length}`;
  const ids = value.map((rule: unknown) => (isObject(rule) ? rule.id : undefined));
  if (new Set(ids).size < ids.length) return "every rule must have an id of its own";
  return everyOne(lifecycleRule)(value);
};

const corsRules = everyOne((rule) => {
  if (!isObject(rule) || !isObject(rule.allowed)) return "a rule must say what is allowed";
  const { methods, origins } = rule.allowed;
  const method = everyOne(oneOf("GET", "PUT", "POST", "DELETE", "HEAD"))(methods);
  // https://developers.cloudflare.com/r2/buckets/cors/: an origin has no path.
  const origin = everyOne(matches(/^(\*|[a-z][a-z0-9+.-]*:\/\/[^/]+)$/, "a scheme and a host, or *"))(origins);
  const age = rule.maxAgeSeconds === undefined ? undefined : Number(rule.maxAgeSeconds);
  const stays = age === undefined || (age >= 0 && age <= 86_400);
  return method ?? origin ?? (stays ? undefined : `maxAgeSeconds must be from 0 to 86400, not ${age}`);
});

export const cloudflareStorageTypes: Record<string, ResourceType> = {
  [bucket]: {
    inputs: { ...replaces("accountId jurisdiction location name"), ...updates("storageClass") },
    required: ["accountId", "name"],
    defaults: () => ({ jurisdiction: "default", storageClass: "Standard" }),
    // https://developers.cloudflare.com/r2/buckets/create-buckets/, …/r2/reference/data-location/
    checks: {
      accountId: identifier,
      name: matches(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "3 to 63 small letters, digits and inner hyphens"),
      jurisdiction,
      location: oneOf("apac", "eeur", "enam", "weur", "wnam", "oc"),
      storageClass: oneOf("Standard", "InfrequentAccess"),
    },
    id: ({ inputs }) => String(inputs.name),
    taken: () => "10004: The bucket you tried to create already exists, and you own it.",
    outputs: { creationDate: () => creationTime, location: () => "ENAM" },
  },
  "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle": {
    inputs: { ...replaces("accountId bucketName jurisdiction"), ...updates("rules") },
    required: ["accountId", "bucketName"],
    defaults: () => ({ jurisdiction: "default" }),
    checks: { accountId: identifier, jurisdiction, rules: lifecycleRules },
    id: ({ inputs }) => String(inputs.bucketName),
    refuses: ({ inputs }, neighbours) => absent(neighbours, bucket, inputs.bucketName, noBucket),
    outputs: {},
  },
  "cloudflare:index/r2BucketCors:R2BucketCors": {
    inputs: { ...replaces("accountId bucketName jurisdiction"), ...updates("rules") },
    required: ["accountId", "bucketName"],
    defaults: () => ({ jurisdiction: "default" }),
    checks: { accountId: identifier, jurisdiction, rules: corsRules },
    id: ({ inputs }) => String(inputs.bucketName),
    refuses: ({ inputs }, neighbours) => absent(neighbours, bucket, inputs.bucketName, noBucket),
    outputs: {},
  },
  "cloudflare:index/r2CustomDomain:R2CustomDomain": {
    inputs: { ...replaces("accountId bucketName domain jurisdiction zoneId"), ...updates("ciphers enabled minTls") },
    required: ["accountId", "bucketName", "domain", "enabled", "zoneId"],
    defaults: () => ({ jurisdiction: "default" }),
    checks: {
      accountId: identifier,
      zoneId: identifier,
      domain: hostname,
      jurisdiction,
      minTls: oneOf("1.0", "1.1", "1.2", "1.3"),
    },
    id: ({ inputs }) => String(inputs.domain),
    refuses: ({ inputs }, neighbours) => absent(neighbours, bucket, inputs.bucketName, noBucket),
    taken: (id) => `The domain ${id} is already connected to a bucket.`,
    outputs: {
      status: () => ({ ownership: "active", ssl: "active" }),
      // The zone's own name is unknown here: the last two labels stand for it.
      zoneName: ({ inputs }) => String(inputs.domain).split(".").slice(-2).join("."),
    },
  },
  [namespace]: {
    inputs: { ...replaces("accountId jurisdiction"), ...updates("title") },
    required: ["accountId", "title"],
    // https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/create/
    checks: {
      accountId: identifier,
      title: matches(/^.{1,512}$/, "1 to 512 characters"),
      jurisdiction: oneOf("eu", "fedramp", "us"),
    },
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, namespace, "title")
        ? "10014: a namespace with this account ID and title already exists"
        : undefined,
    outputs: { supportsUrlEncoding: () => true },
  },
  "cloudflare:index/workersKv:WorkersKv": {
    inputs: { ...replaces("accountId keyName namespaceId"), ...updates("expiration expirationTtl metadata value") },
    required: ["accountId", "keyName", "namespaceId", "value"],
    checks: {
      accountId: identifier,
      namespaceId: identifier,
      keyName: (key) => (key === "." || key === ".." ? "must not be . or .." : atMostBytes(512)(key)),
      value: atMostBytes(25 * 2 ** 20),
      metadata: jsonOfAtMost,
      expirationTtl: atLeast(60),
    },
    id: ({ inputs }) => `${String(inputs.namespaceId)}/${String(inputs.keyName)}`,
    refuses: ({ inputs }, neighbours) =>
      absent(neighbours, namespace, inputs.namespaceId, "10013: namespace not found"),
    outputs: {},
  },
};
