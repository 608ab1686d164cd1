import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { EventRoutes, KafkaConnection } from "../../../runtime/events";
import { run } from "../support";

export interface ProgramResult {
  code: number;
  /** What it printed. */
  lines: Record<string, unknown>[];
}

/** The operator's program as `npm run operator` bundles it, in a process of its own, with the environment of its job. */
export class OperatorProgram {
  private readonly folder = mkdtempSync(join(tmpdir(), "omega-operator-"));
  private readonly file = join(this.folder, "operator.js");
  private readonly environment: Record<string, string>;

  constructor({ brokers, certificateAuthority = "", authentication }: KafkaConnection, routes: EventRoutes) {
    if (typeof authentication === "function") throw new Error("The brokers of the tests know SCRAM alone.");
    buildSync({
      entryPoints: [join(__dirname, "../../../runtime/events/operator.ts")],
      ...{ bundle: true, platform: "node", outfile: this.file, logLevel: "silent" },
    });
    const authorityFile = join(this.folder, "ca.crt");
    writeFileSync(authorityFile, certificateAuthority);
    this.environment = {
      KAFKA_BOOTSTRAP_SERVERS: brokers.join(","),
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_USERNAME: authentication.username,
      KAFKA_PASSWORD: authentication.password,
      KAFKA_SSL_CA_LOCATION: authorityFile,
      OMEGA_EVENTS: JSON.stringify(routes),
    };
  }

  async run(asked: Record<string, string>): Promise<ProgramResult> {
    const { code, output } = await run(process.execPath, [this.file], { env: { ...this.environment, ...asked } });
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    return { code, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
