import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { Dialect, dialectPort } from "./dialect";

export interface DatabaseEdgeArgs {
  /** Cloudflare account of the Workers. */
  accountId: pulumi.Input<string>;
  dialect: Dialect;
  /** Host name of an external database, reachable from the internet by TLS. */
  host: pulumi.Input<string>;
  /** TCP port. Default 3306 for MySQL, 5432 for PostgreSQL. */
  port?: number;
  database: pulumi.Input<string>;
  /** An account that reads what Workers may read, and nothing else. */
  username: pulumi.Input<string>;
  /** Kept as a secret in the state, whether it comes as one or not. */
  password: pulumi.Input<string>;
  /** Seconds for which an answer may be given again. Default 0: each query is asked, as strong reads need. From 0 to 3600. */
  cacheSeconds?: number;
  /** Connections to the database from everywhere, part of its budget. Default 20, from 5 to 100. */
  connections?: number;
}

/** An external database at the edge: Hyperdrive keeps its connections open near it, so that Workers needn't make their own. */
export class DatabaseEdge extends pulumi.ComponentResource {
  /** For a Worker's binding. */
  readonly configurationId: pulumi.Output<string>;

  constructor(name: string, args: DatabaseEdgeArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:DatabaseEdge", name, {}, options);
    const { dialect, cacheSeconds = 0, connections = 20 } = args;
    refuse(`DatabaseEdge "${name}"`, databaseEdgeProblems(args));
    this.configurationId = new cloudflare.HyperdriveConfig(
      `${name}-hyperdrive`,
      {
        accountId: args.accountId,
        name,
        origin: {
          scheme: dialect,
          host: args.host,
          port: args.port ?? dialectPort[dialect],
          database: args.database,
          user: args.username,
          password: pulumi.secret(args.password),
        },
        caching: cacheSeconds === 0 ? { disabled: true } : { disabled: false, maxAge: cacheSeconds },
        originConnectionLimit: connections,
      },
      { parent: this },
    ).id;
    this.registerOutputs({ configurationId: this.configurationId });
  }
}

export function databaseEdgeProblems({
  port,
  cacheSeconds,
  connections,
}: Pick<DatabaseEdgeArgs, "port" | "cacheSeconds" | "connections">): ArgumentProblem[] {
  return [
    ...wholeNumberProblems("port", port, 1, 65_535),
    ...wholeNumberProblems("cacheSeconds", cacheSeconds, 0, 3600),
    ...wholeNumberProblems("connections", connections, 5, 100),
  ];
}
