import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { StoreEndpoint } from "../../data/connection";
import { ExternalStore } from "../../mesh/external-store";
import type { SecretKeyReference } from "../backups";
import type { ExternalProduct } from "../capabilities";
import { mySqlSteps, postgreSqlSteps } from "../content/steps";
import { Dialect, dialectPort } from "../dialect";
import { jobLabels } from "../jobs";
import { applySteps, DatabaseMigration, stepFiles } from "../migration";
import { KeyspaceIsolation, TenantIsolation } from "../tenancy";
import type { DatabaseAdministration } from "./administration";
import {
  type ClientAccess,
  type DatabaseClient,
  type DatabaseEngineAccess,
  type EngineArgs,
  tenantPlaceholder,
  usersOf,
} from "./engine";

export interface ExternalReader {
  region: string;
  /** Host name of that region's replicas. */
  host: string;
}

export interface ExternalSettings {
  product: ExternalProduct;
  dialect: Dialect;
  /** Host name that takes writes. */
  writerHost: string;
  /** Where each region reads. Default: regions without one read from the writer. */
  readers?: ExternalReader[];
  /** TCP port. Default 3306 for MySQL, 5432 for PostgreSQL. */
  port?: number;
  /** Account of the services. */
  username: string;
  /** Its password, in a Secret of the services' namespace. */
  password: SecretKeyReference;
  /** Secret of both namespaces whose key `ca.crt` its certificate is checked against. Default: public authorities. */
  authoritySecretName?: string;
  /** Connections that it accepts from all services together, as its plan says. */
  connectionBudget: number;
  /** Account that may change tables, a Secret of the database's namespace with `username` and `password`. Default: none, and tables are its owner's. */
  adminSecretName?: string;
  /** Database that administrators connect to. Default `postgres`; MySQL needs none. */
  adminDatabase?: string;
}

export interface ExternalEngineArgs extends EngineArgs {
  region: string;
  settings: ExternalSettings;
  image: pulumi.Input<string>;
}

/** A database that somebody else runs, by host names and credentials that configuration refers to. */
export class ExternalEngine implements DatabaseEngineAccess {
  readonly dialect: Dialect;
  readonly writer: StoreEndpoint;
  readonly reader: StoreEndpoint;
  readonly administration: DatabaseAdministration | undefined;

  constructor(
    name: string,
    private readonly args: ExternalEngineArgs,
    options: pulumi.CustomResourceOptions,
  ) {
    const { settings, region, clientsNamespace: namespace } = args;
    const { dialect, writerHost, readers = [], port = dialectPort[dialect] } = settings;
    const readerHost = readers.find((each) => each.region === region)?.host;
    this.dialect = dialect;
    this.writer = { host: writerHost, port };
    this.reader = readerHost === undefined ? this.writer : { host: readerHost, port };
    new ExternalStore(`${name}-writer`, { namespace, endpoint: this.writer }, options);
    if (readerHost !== undefined) {
      new ExternalStore(`${name}-reader`, { namespace, endpoint: this.reader }, options);
    }
    this.administration = administrationOf(args, port);
    if (this.administration !== undefined) this.createMigration(name, this.administration, options);
  }

  accessOf({ keyspace }: Required<DatabaseClient>): ClientAccess {
    const { username, password, authoritySecretName } = this.args.settings;
    const isolation = this.args.keyspaces.find(({ name }) => name === keyspace)?.tenantIsolation;
    const ofTenant = `${keyspace}_${tenantPlaceholder}`;
    const database = isolation === TenantIsolation.DatabasePerTenant ? ofTenant : keyspace;
    return {
      ...{ username, database, readerDatabase: database },
      ...(isolation === KeyspaceIsolation.ByTenant ? { tenantDatabase: ofTenant } : {}),
      secrets: [{ variable: "DATABASE_PASSWORD", secretName: password.name, key: password.key }],
      ...(authoritySecretName === undefined ? {} : { authoritySecretName }),
    };
  }

  private createMigration(name: string, access: DatabaseAdministration, options: pulumi.CustomResourceOptions): void {
    const { settings, namespace, keyspaces, tenants, tenantIsolations, clients } = this.args;
    // All services share the one account that there is.
    const users = usersOf(clients).map((user) => ({ ...user, name: settings.username }));
    const unique = users.filter(
      (user, index) => users.findIndex(({ keyspace }) => keyspace === user.keyspace) === index,
    );
    const content = { keyspaces, tenants, tenantIsolations, users: unique };
    const migration = `${name}-migration`;
    new kubernetes.networking.v1.NetworkPolicy(
      `${migration}-network`,
      {
        metadata: { name: migration, namespace },
        spec: {
          podSelector: { matchLabels: jobLabels(migration) },
          policyTypes: ["Egress"],
          egress: [{ ports: [{ port: this.writer.port, protocol: "TCP" }] }],
        },
      },
      options,
    );
    const { image, run, env, volumes, volumeMounts, dialect } = access;
    const steps = dialect === Dialect.MySql ? mySqlSteps(content) : postgreSqlSteps(content, false);
    const mounted = volumes.length === 0 ? {} : { volumes, volumeMounts };
    new DatabaseMigration(
      migration,
      { namespace, files: stepFiles(steps), job: { image, script: applySteps(run), env, ...mounted } },
      options,
    );
  }
}

function administrationOf(
  { settings, namespace, image }: ExternalEngineArgs,
  port: number,
): DatabaseAdministration | undefined {
  const { dialect, writerHost, authoritySecretName, adminSecretName, adminDatabase = "postgres" } = settings;
  if (adminSecretName === undefined) return undefined;
  const isMySql = dialect === Dialect.MySql;
  const secret = (variable: string, key: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: adminSecretName, key } },
  });
  const authority = { name: "authority", mountPath: "/authority", readOnly: true };
  return {
    ...{ dialect, namespace, port, image, run: isMySql ? runByMySql : runByPsql },
    env: [
      { name: "DATABASE_HOST", value: writerHost },
      { name: "DATABASE_PORT", value: String(port) },
      { name: "ADMIN_DATABASE", value: isMySql ? "" : adminDatabase },
      {
        name: "AUTHORITY",
        value: authoritySecretName === undefined ? publicAuthorities[dialect] : `${authority.mountPath}/ca.crt`,
      },
      secret("ADMIN_USERNAME", "username"),
      // Clients read it from the environment or a file: an argument would be in the process list.
      secret(isMySql ? "ADMIN_PASSWORD" : "PGPASSWORD", "password"),
    ],
    volumes:
      authoritySecretName === undefined
        ? []
        : [
            {
              name: authority.name,
              secret: { secretName: authoritySecretName, items: [{ key: "ca.crt", path: "ca.crt" }] },
            },
          ],
    volumeMounts: authoritySecretName === undefined ? [] : [authority],
  };
}

/** What the clients' images have of public authorities. */
const publicAuthorities: Record<Dialect, string> = {
  [Dialect.MySql]: "/etc/pki/tls/certs/ca-bundle.crt",
  [Dialect.PostgreSql]: "system",
};

export const runByPsql = `  PGSSLMODE=verify-full PGSSLROOTCERT="$AUTHORITY" psql --no-psqlrc --quiet --tuples-only --no-align \\
    --set ON_ERROR_STOP=1 --host "$DATABASE_HOST" --port "$DATABASE_PORT" --username "$ADMIN_USERNAME" \\
    --dbname "$2" --file "$1"`;

export const runByMySql = `  if [ ! -f /tmp/client.cnf ]; then printf '[client]\\npassword="%s"\\n' "$ADMIN_PASSWORD" > /tmp/client.cnf; fi
  mysql --defaults-extra-file=/tmp/client.cnf --batch --skip-column-names --ssl-mode VERIFY_IDENTITY --ssl-ca "$AUTHORITY" \\
    --host "$DATABASE_HOST" --port "$DATABASE_PORT" --user "$ADMIN_USERNAME" --database "$2" < "$1"`;
