import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ClientRequest } from "../engines/engine";
import type { ClientQuotas } from "../event-bus";
import { type EventClientPlan, TopicRight } from "../event-plan";
import { TriggerAuthentication } from "../trigger-authentication";
import { clusterLabel, secretPrefix, whenReady } from "./cluster";
import { type Acl, type AclOperation, KafkaUser } from "./resources";

export interface StrimziClientArgs extends ClientRequest {
  /** Of the service. */
  namespace: string;
  /** That the user operator watches, of all other services. */
  usersNamespace: string;
  quotas: ClientQuotas;
  authoritySecretName: string;
}

/**
 * A service's user, whose password is in the Secret `kafka-<service>` of the service's namespace, and how KEDA logs in as that
 * user to ask how far behind it is. The user operator draws the password; where the service is in a namespace of its own, which
 * that operator does not watch, it is drawn here, for the operator makes its Secrets beside the user alone.
 */
export class StrimziClient extends pulumi.ComponentResource {
  constructor(name: string, args: StrimziClientArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:StrimziClient", name, {}, options);
    const { client, isMeasured, namespace, usersNamespace, quotas, authoritySecretName } = args;
    const child = { parent: this };
    const secretName = `${secretPrefix}${client.service}`;
    const password =
      namespace === usersNamespace
        ? undefined
        : passwordIn(name, { ...args, secretName, given: `${secretName}-password` }, child);
    const user = new KafkaUser(
      `${name}-user`,
      {
        metadata: {
          ...{ name: client.service, namespace: usersNamespace, labels: clusterLabel },
          annotations: whenReady,
        },
        spec: {
          authentication: { type: "scram-sha-512", ...password?.authentication },
          authorization: { type: "simple", acls: aclsOf(client) },
          quotas: userQuotas(quotas),
        },
      },
      { ...child, dependsOn: password?.secrets ?? [] },
    );
    if (isMeasured) {
      const parameters = new kubernetes.core.v1.ConfigMap(
        `${name}-scaling`,
        {
          metadata: { name: secretName, namespace },
          data: { sasl: "scram_sha512", username: client.service },
        },
        child,
      );
      new TriggerAuthentication(
        `${name}-authentication`,
        {
          metadata: { name: secretName, namespace },
          spec: {
            configMapTargetRef: ["sasl", "username"].map((key) => ({
              ...{ parameter: key, name: parameters.metadata.name, key },
            })),
            secretTargetRef: [
              { parameter: "password", name: secretName, key: "password" },
              { parameter: "ca", name: authoritySecretName, key: "ca.crt" },
            ],
          },
        },
        { ...child, dependsOn: [user] },
      );
    }
    this.registerOutputs({});
  }
}

interface PasswordPlaces extends Pick<StrimziClientArgs, "namespace" | "usersNamespace"> {
  /** What the service reads. */
  secretName: string;
  /** What the user operator reads; its own Secret beside the user has the other name. */
  given: string;
}

function passwordIn(
  name: string,
  { namespace, usersNamespace, secretName, given }: PasswordPlaces,
  options: pulumi.CustomResourceOptions,
) {
  const { result: password } = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, options);
  const secrets = [
    { metadata: { name: given, namespace: usersNamespace }, suffix: "given" },
    { metadata: { name: secretName, namespace }, suffix: "own" },
  ].map(
    ({ metadata, suffix }) =>
      new kubernetes.core.v1.Secret(`${name}-password-${suffix}`, { metadata, stringData: { password } }, options),
  );
  return { secrets, authentication: { password: { valueFrom: { secretKeyRef: { name: given, key: "password" } } } } };
}

/** As a KafkaUser has them, with the defaults of `ClientQuotas`. */
export function userQuotas({ producerBytesPerSecond = 10_485_760, consumerBytesPerSecond = 20_971_520 }: ClientQuotas) {
  return { producerByteRate: producerBytesPerSecond, consumerByteRate: consumerBytesPerSecond };
}

const operations: Record<TopicRight, AclOperation> = {
  [TopicRight.Consume]: "Read",
  [TopicRight.Publish]: "Write",
  [TopicRight.Delete]: "Delete",
};

/** A producer that writes each message once needs no right to the cluster since Kafka 3. */
export function aclsOf({
  topics,
  groups,
  managedGroups = [],
}: Pick<EventClientPlan, "topics" | "groups" | "managedGroups">): Acl[] {
  return [
    ...topics.map(({ topic, rights }): Acl => ({
      resource: { type: "topic", name: topic, patternType: "literal" },
      operations: ["Describe", ...rights.map((right) => operations[right])],
    })),
    ...groups.map((group): Acl => ({
      resource: { type: "group", name: group, patternType: "literal" },
      operations: ["Read"],
    })),
    ...managedGroups.map((group): Acl => ({
      resource: { type: "group", name: group, patternType: "literal" },
      operations: ["Describe", "Delete"],
    })),
  ];
}
