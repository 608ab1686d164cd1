import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type EngineArgs, usersOf } from "../engines/engine";
import { userNames } from "./access";
import type { SecretSource } from "./vitess-cluster";

/** The Secret that gateways know services by, and the Secrets that services have their passwords from. */
interface VitessUsers {
  secret: SecretSource;
  /** By service; key `password`. */
  secretNames: ReadonlyMap<string, pulumi.Output<string>>;
}

/** A password for each service, which gateways take for all of its users. */
export function createUsers(
  name: string,
  { clients, keyspaces, tenants, namespace, clientsNamespace }: EngineArgs,
  options: pulumi.CustomResourceOptions,
): VitessUsers {
  const secretNames = new Map<string, pulumi.Output<string>>();
  const entries = usersOf(clients).map((user) => {
    const password = new random.RandomPassword(`${name}-password-${user.name}`, { length: 32, special: false }, options)
      .result;
    const secret = new kubernetes.core.v1.Secret(
      `${name}-password-${user.name}`,
      { metadata: { name: `database-${user.name}`, namespace: clientsNamespace }, stringData: { password } },
      options,
    );
    secretNames.set(user.name, secret.metadata.name);
    const keyspace = keyspaces.find((each) => each.name === user.keyspace);
    const names = keyspace === undefined ? [] : userNames(user, keyspace, tenants);
    return password.apply((text) => names.map((each) => [each, [{ Password: text, UserData: each }]] as const));
  });
  const users = pulumi.all(entries).apply((all) => JSON.stringify(Object.fromEntries(all.flat())));
  const key = "users.json";
  const { metadata } = new kubernetes.core.v1.Secret(
    `${name}-users`,
    { metadata: { name: `${name}-users`, namespace }, stringData: { [key]: pulumi.secret(users) } },
    options,
  );
  return { secret: { name: metadata.name, key }, secretNames };
}
