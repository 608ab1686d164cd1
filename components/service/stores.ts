import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import type { StoreConnection, StoreEndpoint } from "../data/connection";
import { inNamespace, podIdentityAgent, toPodIdentityAgent } from "./network-policy";

export interface StoreAccess {
  env: types.input.core.v1.EnvVar[];
  volumeMounts: types.input.core.v1.VolumeMount[];
  volumes: types.input.core.v1.Volume[];
}

/** What a service's container gets to use its stores. */
export function storeAccess(stores: StoreConnection[]): StoreAccess {
  const trusting = stores.filter(({ authoritySecretName }) => authoritySecretName !== undefined);
  return {
    env: stores.flatMap((store) => [
      ...Object.entries(store.environment).map(([name, value]) => ({ name, value })),
      ...store.secrets.map(({ variable, secretName, key }) => ({
        name: variable,
        valueFrom: { secretKeyRef: { name: secretName, key } },
      })),
    ]),
    volumeMounts: trusting.map(({ name }) => ({
      name: volumeName(name),
      mountPath: `/etc/omega/${name}`,
      readOnly: true,
    })),
    volumes: trusting.map(({ name, authoritySecretName }) => ({
      name: volumeName(name),
      // The authority alone: the key beside it is nobody's business.
      secret: {
        ...(authoritySecretName === undefined ? {} : { secretName: authoritySecretName }),
        items: [{ key: "ca.crt", path: "ca.crt" }],
      },
    })),
  };
}

const volumeName = (store: string) => `${store}-authority`;

/** To each store's own pods; outside the cluster to its port alone, for which hosts may be reached is the mesh's to say. */
export function storeEgress(stores: StoreConnection[]): types.input.networking.v1.NetworkPolicyEgressRule[] {
  const rules = stores.flatMap(({ endpoints }) =>
    endpoints.map(({ pods, port }) => ({
      to: [
        pods === undefined
          ? { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }
          : { ...inNamespace(pods.namespace), podSelector: { matchLabels: pods.labels } },
      ],
      ports: [{ port, protocol: "TCP" }],
    })),
  );
  const distinct = [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
  return needsAwsRole(stores) ? [...distinct, toPodIdentityAgent] : distinct;
}

const needsAwsRole = (stores: StoreConnection[]): boolean =>
  stores.some(({ awsStatements = [] }) => awsStatements.length > 0);

/** Of the pods: their proxies know no such host, and would refuse it. */
export function storeAnnotations(stores: StoreConnection[]): Record<string, string> {
  return needsAwsRole(stores) ? { "traffic.sidecar.istio.io/excludeOutboundIPRanges": podIdentityAgent } : {};
}

/** As a `Sidecar` names it: hosts outside the cluster are `ExternalStore`s of the services' own namespace. */
export function storeHost({ host, pods }: StoreEndpoint): pulumi.Output<string> {
  return pulumi.interpolate`${pods?.namespace ?? "."}/${host}`;
}

export function storeProblems(stores: StoreConnection[]): ArgumentProblem[] {
  const names = stores.map(({ name }) => name);
  const variables = stores.flatMap(({ environment, secrets }) => [
    ...Object.keys(environment),
    ...secrets.map(({ variable }) => variable),
  ]);
  return [
    ...stores.flatMap(({ connectionsPerReplica }, index) =>
      wholeNumberProblems(`stores[${index}].connectionsPerReplica`, connectionsPerReplica, 1, 10_000),
    ),
    ...repeated(names).map((name) => ({ path: "stores", reason: `"${name}" is there twice` })),
    ...repeated(variables).map((name) => ({ path: "stores", reason: `the variable ${name} is set twice` })),
  ];
}

const repeated = (values: string[]): string[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];
