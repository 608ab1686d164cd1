import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { isPortFree } from "../../../rehearsal/control-plane/credentials";
import { provideTools } from "../../../rehearsal/toolchain";
import { CertificateAuthority } from "../../certificates";
import { freePort } from "../data-plane/ports";
import { run } from "../support";
import type { DeclaredDatabase, DeclaredKeyspace } from "./declared";
import { type MariaDbServer, MariaDbServers } from "./mariadb";
import { Workplace } from "./workplace";

const cell = "cell";
const accounts = ["app", "dba", "allprivs", "filtered", "repl"] as const;

/**
 * Vitess with what a stack declares of it: a gateway, a tablet a shard, and etcd for what they know of each other. In the
 * place of the operator, which starts them in a cluster, stands this class; each shard has its primary alone, and MariaDB
 * stands for MySQL.
 */
export class Vitess {
  /** By `<keyspace>/<shard>`. */
  readonly servers = new Map<string, MariaDbServer>();
  private readonly place = new Workplace();
  private readonly authority = new CertificateAuthority(this.place.folder("certificates"));
  private topology: string[] = [];
  private control = "";
  private gatewayPort = 0;

  constructor(private readonly declared: DeclaredDatabase) {}

  async start(): Promise<void> {
    const { keyspaces, initScript } = this.declared;
    const stores = new MariaDbServers(this.place);
    await Promise.all([stores.prepare(initScript), this.startTopology()]);
    for (const { name } of keyspaces) await this.controlled("CreateKeyspace", "--durability-policy", "none", name);
    const shards = keyspaces.flatMap((keyspace) => keyspace.shards.map((shard) => ({ keyspace, shard })));
    const start = async (keyspace: DeclaredKeyspace, shard: string, uid: number) => {
      const server = await stores.start(`mariadb-${uid}`);
      this.servers.set(`${keyspace.name}/${shard}`, server);
      await this.startTablet(keyspace, shard, uid, server);
    };
    await Promise.all(shards.map(({ keyspace, shard }, index) => start(keyspace, shard, 100 * (index + 1))));
    await this.startGateway();
  }

  /** Runs the stack's migration job; gives what it printed. @throws if it fails */
  async migrate(): Promise<string> {
    const { script, files } = this.declared.migration;
    for (const [name, text] of Object.entries(files)) this.place.file(`content/${name}`, text);
    // By its name in the image it is told where the topology is.
    const program = `vtctldclient() { "${this.control}" ${this.topology.join(" ")} "$@"; }\n`;
    const { code, output } = await run("/bin/sh", ["-ceu", program + script], {
      env: { PATH: process.env.PATH, CONTROL: "internal", CONTENT: join(this.place.root, "content") },
    });
    if (code !== 0) throw new Error(`the migration ended with ${code}: ${output}`);
    return output;
  }

  /** @param database e.g. `shop`, `shop:-80`, `shop@replica` */
  connect(user: string, database: string, options: { password?: string; isPlain?: boolean } = {}): Promise<Connection> {
    const users = JSON.parse(this.declared.users) as Record<string, { Password: string }[]>;
    return createConnection({
      host: "127.0.0.1",
      port: this.gatewayPort,
      user,
      password: options.password ?? users[user]?.[0]?.Password ?? "",
      database,
      ...(options.isPlain === true ? {} : { ssl: { ca: this.authority.certificate, minVersion: "TLSv1.2" } }),
    });
  }

  remove(): Promise<void> {
    return this.place.remove();
  }

  private async startTopology(): Promise<void> {
    const { etcd, vtctldclient } = await provideTools(["etcd", "vtctldclient"]);
    const [clients, peers] = [await freePort(), await freePort()];
    const urls = { client: `http://127.0.0.1:${clients}`, peer: `http://127.0.0.1:${peers}` };
    const args = [
      "--data-dir=data",
      `--listen-client-urls=${urls.client}`,
      `--advertise-client-urls=${urls.client}`,
      `--listen-peer-urls=${urls.peer}`,
      `--initial-advertise-peer-urls=${urls.peer}`,
      `--initial-cluster=default=${urls.peer}`,
    ];
    await this.place.start("etcd", this.place.program(etcd), args, async () => !(await isPortFree(clients)));
    const address = `127.0.0.1:${clients}`;
    this.control = vtctldclient;
    this.topology = [
      "--topo-implementation=etcd2",
      `--topo-global-server-address=${address}`,
      "--topo-global-root=/vitess/global",
    ];
    await this.controlled("AddCellInfo", "--root", `/vitess/${cell}`, "--server-address", address, cell);
  }

  private async startTablet(
    keyspace: DeclaredKeyspace,
    shard: string,
    uid: number,
    server: MariaDbServer,
  ): Promise<void> {
    const { vttablet } = await provideTools(["vttablet"]);
    const [web, grpc] = [await freePort(), await freePort()];
    const alias = `${cell}-${uid}`;
    const name = `vttablet-${uid}`;
    const noPasswords = Object.fromEntries(accounts.map((account) => [`vt_${account}`, [""]]));
    const args = [
      ...this.topology,
      `--tablet-path=${alias}`,
      `--init-keyspace=${keyspace.name}`,
      `--init-shard=${shard}`,
      "--init-tablet-type=replica",
      `--init-db-name-override=${keyspace.databaseName}`,
      "--service-map=grpc-queryservice,grpc-tabletmanager",
      ...loopback(web, grpc),
      "--tablet-hostname=127.0.0.1",
      // The operator's tablets have a server of their own, whose start and replication they see to.
      "--unmanaged",
      `--db-socket=${server.socket}`,
      ...accounts.map((account) => `--db-${account}-user=vt_${account}`),
      `--db-credentials-file=${this.place.file(`${name}/credentials.json`, JSON.stringify(noPasswords))}`,
      ...this.mounted(keyspace, name),
    ];
    await server.query(`CREATE DATABASE \`${keyspace.databaseName}\``);
    await this.place.start(name, this.place.program(vttablet), args, async () => !(await isPortFree(grpc)));
    await this.controlled("TabletExternallyReparented", alias);
  }

  /** Flags of a tablet, their paths those of the files that are mounted in its pod. */
  private mounted({ tabletFlags, mounts }: DeclaredKeyspace, name: string): string[] {
    const own = (value: string): string =>
      mounts.reduce((path, { mountPath }) => path.replace(mountPath, join(this.place.root, name, mountPath)), value);
    for (const { mountPath, files } of mounts) {
      for (const [file, text] of Object.entries(files)) this.place.file(join(name, mountPath, file), text);
    }
    return flags(Object.fromEntries(Object.entries(tabletFlags).map(([flag, value]) => [flag, own(value)])));
  }

  private async startGateway(): Promise<void> {
    const { vtgate } = await provideTools(["vtgate"]);
    const [web, grpc, mysql] = [await freePort(), await freePort(), await freePort()];
    const { certificate, key } = this.authority.issue("IP:127.0.0.1");
    const args = [
      ...this.topology,
      `--cell=${cell}`,
      `--cells_to_watch=${cell}`,
      "--tablet-types-to-wait=PRIMARY",
      "--service-map=grpc-vtgateservice",
      ...loopback(web, grpc),
      `--mysql-server-port=${mysql}`,
      "--mysql-server-bind-address=127.0.0.1",
      "--mysql-auth-server-impl=static",
      `--mysql-auth-server-static-file=${this.place.file("vtgate/users.json", this.declared.users)}`,
      "--mysql-server-require-secure-transport",
      `--mysql-server-ssl-cert=${this.place.file("vtgate/tls.crt", certificate)}`,
      `--mysql-server-ssl-key=${this.place.file("vtgate/tls.key", key)}`,
      ...flags(this.declared.gatewayFlags),
    ];
    await this.place.start("vtgate", this.place.program(vtgate), args, async () => !(await isPortFree(mysql)));
    this.gatewayPort = mysql;
  }

  private async controlled(...command: string[]): Promise<void> {
    const argv = ["--server=internal", ...this.topology, ...command];
    const { code, output } = await run(this.control, argv, { env: this.place.environment("control") });
    if (code !== 0) throw new Error(`vtctldclient ${command.join(" ")} ended with ${code}: ${output}`);
  }
}

function loopback(web: number, grpc: number): string[] {
  const address = ["--bind-address=127.0.0.1", "--grpc-bind-address=127.0.0.1"];
  return [`--port=${web}`, `--grpc-port=${grpc}`, ...address];
}

function flags(given: Record<string, string>): string[] {
  return Object.entries(given).map(([flag, value]) => `--${flag}=${value}`);
}
