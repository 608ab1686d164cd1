import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { provideTools } from "../../../rehearsal/toolchain";
import type { Workplace } from "./workplace";

/** Servers where tablets keep rows: MariaDB in the place of Vitess' own MySQL, reached by their sockets alone. */
export class MariaDbServers {
  private program = "";
  private readonly base: string;

  constructor(private readonly place: Workplace) {
    this.base = place.folder("mariadb");
  }

  /** Makes what every server begins with; @param initScript accounts, as a tablet's empty MySQL is given them */
  async prepare(initScript: string): Promise<void> {
    const { mariadb } = await provideTools(["mariadb"]);
    const share = join(this.base, "share");
    await cp(join(mariadb, "share"), share, { recursive: true });
    this.program = this.place.program(join(mariadb, "bin/mariadbd"));
    const systemTables = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];
    const statements = [
      "CREATE DATABASE mysql;\nUSE mysql;\n",
      ...systemTables.map((name) => readFileSync(join(share, name), "utf8")),
      "FLUSH PRIVILEGES;\n",
      withoutSuperReadOnly(initScript),
    ];
    execFileSync(this.program, [...this.options("mariadb/data"), "--bootstrap"], {
      input: statements.join("\n"),
      stdio: "pipe",
      ...this.place.identity,
    });
  }

  async start(name: string): Promise<MariaDbServer> {
    const data = `${name}/data`;
    await cp(this.place.folder("mariadb/data"), this.place.folder(data), { recursive: true });
    this.place.own(this.place.folder(data), true);
    const server = new MariaDbServer(join(this.place.folder(name), "socket"));
    const network = ["--skip-networking", "--skip-name-resolve", `--socket=${server.socket}`];
    await this.place.start(name, this.program, [...this.options(data), ...network], () => existsSync(server.socket));
    return server;
  }

  private options(data: string): string[] {
    const small = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--aria-pagecache-buffer-size=2M"];
    return ["--no-defaults", `--basedir=${this.base}`, `--datadir=${this.place.folder(data)}`, ...small];
  }
}

export class MariaDbServer {
  constructor(readonly socket: string) {}

  /** Behind the back of Vitess. */
  async query(query: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({ socketPath: this.socket, user: "vt_dba" });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(query);
      return rows;
    } finally {
      await connection.end();
    }
  }
}

/** A switch that MariaDB lacks. */
function withoutSuperReadOnly(script: string): string {
  const lines = script.split("\n");
  return lines.filter((line) => !line.includes("super_read_only")).join("\n");
}
