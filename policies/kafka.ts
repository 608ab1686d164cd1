import { quoted } from "./demands";
import { kindOf, objectName, ofKind } from "./kubernetes";
import type { Finding, Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, every, isMissing, list, parsedJson, some, unknown, type Answer, type Value } from "./values";

/** Settings of a topic or of brokers, in whichever form they are written. */
export interface KafkaSettings {
  resource: Resource;
  valueOf(key: string): Value;
  /** What is wrong with a setting, at the place where it is written. */
  finding(key: string, reason: string): Finding;
}

export interface Topic {
  resource: Resource;
  name: Value;
  namePath: string;
  /** What tells its cluster from others: Strimzi's label or an ARN. */
  cluster: Value;
  replicas: Value;
  replicasPath: string;
  settings: KafkaSettings;
}

export function topicsOf(resources: readonly Resource[]): Topic[] {
  return ofKind(resources, stores.kafkaTopic, stores.mskTopic).map((resource) => {
    if (kindOf(resource) === stores.mskTopic) {
      const { props } = resource;
      return {
        resource,
        name: at(props, "name") ?? unknown,
        namePath: "name",
        cluster: at(props, "clusterArn"),
        replicas: at(props, "replicationFactor"),
        replicasPath: "replicationFactor",
        settings: writtenSettings(resource, "configs", parsedJson(at(props, "configs"))),
      };
    }
    const topicName = at(resource.props, "spec", "topicName");
    return {
      resource,
      name: topicName ?? objectName(resource),
      namePath: isMissing(topicName) ? "metadata.name" : "spec.topicName",
      cluster: clusterOf(resource),
      replicas: at(resource.props, "spec", "replicas"),
      replicasPath: "spec.replicas",
      settings: objectSettings(resource, "spec.config", at(resource.props, "spec", "config")),
    };
  });
}

/** Strimzi's objects say by a label which cluster they are for. */
export function clusterOf(resource: Resource): Value {
  return at(resource.props, "metadata", "labels", "strimzi.io/cluster");
}

/** Brokers' settings as a Kafka object or an MSK configuration has them; no others are here to be seen. */
export function brokerSettings(resource: Resource): KafkaSettings[] {
  switch (kindOf(resource)) {
    case stores.kafka: {
      const path = "spec.kafka.config";
      return [objectSettings(resource, path, at(resource.props, ...path.split(".")))];
    }
    case stores.mskConfiguration: {
      const path = "serverProperties";
      return [writtenSettings(resource, path, parsedProperties(at(resource.props, path)))];
    }
    default:
      return [];
  }
}

function objectSettings(resource: Resource, path: string, settings: Value): KafkaSettings {
  return {
    resource,
    valueOf: (key) => at(settings, key),
    finding: (key, reason) => ({ resource, path: `${path}${quoted(key)}`, reason }),
  };
}

/** Of a text, which has one place for all. */
function writtenSettings(resource: Resource, path: string, settings: Value): KafkaSettings {
  return {
    resource,
    valueOf: (key) => at(settings, key),
    finding: (key, reason) => ({ resource, path, reason: `${key} ${reason}` }),
  };
}

function parsedProperties(text: Value): Value {
  if (typeof text !== "string") return text;
  const lines = text.split("\n").map((line) => /^\s*([\w.]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []);
  return Object.fromEntries(lines.flatMap(([, key, value]) => (key === undefined ? [] : [[key, value]])));
}

/** An ACL of a KafkaUser; Strimzi's default is to allow. */
export interface AccessRule {
  path: string;
  acl: Value;
  isAllowed: Answer;
}

export function accessRulesOf(user: Resource): AccessRule[] {
  return list(at(user.props, "spec", "authorization", "acls")).map((acl, index) => ({
    path: `spec.authorization.acls[${index}]`,
    acl,
    isAllowed: equal(at(acl, "type") ?? "allow", "allow"),
  }));
}

/** Whether an ACL allows an operation on a resource of a type and name. */
export function allows({ acl, isAllowed }: AccessRule, operation: string, type: string, name: string): Answer {
  const granted = at(acl, "resource", "name");
  const isPrefix = equal(at(acl, "resource", "patternType"), "prefix");
  return every([
    isAllowed,
    equal(at(acl, "resource", "type"), type),
    operationsOf(acl, operation, "All"),
    some([
      equal(granted, name),
      equal(granted, "*"),
      every([isPrefix, granted === unknown ? unknown : typeof granted === "string" && name.startsWith(granted)]),
    ]),
  ]);
}

function operationsOf(acl: Value, ...wanted: string[]): Answer {
  const operations = at(acl, "operations");
  if (operations === unknown) return unknown;
  return some(list(operations).flatMap((operation) => wanted.map((each) => equal(operation, each))));
}

/** A consumer's reading of a topic, told by its group's name: `<consumer>.<topic>`. */
export interface Subscription {
  user: Resource;
  /** Of the group's name. */
  path: string;
  group: string;
  consumer: string;
  topic: string;
}

/**
 * Those whose topic is among the given ones, and whose group the user may join; groups of other names are nobody's subscription.
 */
export function subscriptionsOf(resources: readonly Resource[], topics: readonly Topic[]): Subscription[] {
  return ofKind(resources, stores.kafkaUser).flatMap((user) =>
    accessRulesOf(user).flatMap(({ path, acl, isAllowed }): Subscription[] => {
      const group = at(acl, "resource", "name");
      const joins = isAllowed === true && operationsOf(acl, "Read", "All") === true;
      const isGroup = joins && at(acl, "resource", "type") === "group";
      if (!isGroup || typeof group !== "string") return [];
      const [, consumer, topic] = /^([^.]+)\.(.+)$/.exec(group) ?? [];
      const isTopic = topics.some((each) => each.name === topic && equal(each.cluster, clusterOf(user)) !== false);
      if (consumer === undefined || topic === undefined || !isTopic) return [];
      return [{ user, path: `${path}.resource.name`, group, consumer, topic }];
    }),
  );
}

/** Whether a topic of that name is among them, in that cluster. */
export function hasTopic(topics: readonly Topic[], name: string, cluster: Value): Answer {
  return some(topics.map((topic) => every([equal(topic.name, name), equal(topic.cluster, cluster)])));
}
