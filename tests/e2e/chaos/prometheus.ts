import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { series } from "../../../components/observability/series";
import { provideTools } from "../../../rehearsal/toolchain";
import { get, send } from "../data-plane/http";
import { freePort } from "../data-plane/ports";
import { RunningProgram } from "../data-plane/processes";

/** What Prometheus is made to know of a service; what is undefined has no series. */
export interface Measured {
  namespace?: string;
  service?: string;
  errorRatio?: number;
  latencyP99?: number;
}

export interface State {
  services: Measured[];
  /** Severity of an alert that fires. */
  alert?: string;
}

/**
 * A real Prometheus that knows what a test says. Rules record the series, under the names that the platform's recording
 * rules give them, so that nothing has to be scraped in time: on a busy machine a value comes late, but never goes stale.
 */
export class Prometheus {
  private revision = 0;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly program: RunningProgram,
  ) {}

  static async start(folder: string): Promise<Prometheus> {
    mkdirSync(folder, { recursive: true });
    // JSON is YAML.
    const configuration = { global: { evaluation_interval: "250ms" }, rule_files: ["rules.json"] };
    writeFileSync(join(folder, "prometheus.json"), JSON.stringify(configuration));
    const { prometheus: command } = await provideTools(["prometheus"]);
    const port = await freePort();
    const program = new RunningProgram({
      command,
      args: [
        "--config.file=prometheus.json",
        "--storage.tsdb.path=data",
        `--web.listen-address=127.0.0.1:${port}`,
        "--web.enable-lifecycle",
        "--log.level=warn",
      ],
      folder,
      logFile: join(folder, "prometheus.log"),
    });
    const prometheus = new Prometheus(port, folder, program);
    await program.until(async () => (await prometheus.statusOf("/-/ready")) === 200);
    return prometheus;
  }

  /** Status code; undefined: no answer. */
  async statusOf(path: string): Promise<number | undefined> {
    try {
      return (await get(this.port, path)).status;
    } catch {
      return undefined;
    }
  }

  /** Returns when all of it is known, and nothing else. */
  async show(state: State): Promise<void> {
    this.revision += 1;
    const groups = [{ name: "test", rules: rulesOf(state, this.revision) }];
    writeFileSync(join(this.folder, "rules.json"), JSON.stringify({ groups }));
    const { status, body } = await send(this.port, { method: "POST", path: "/-/reload" });
    if (status !== 200) throw new Error(`Prometheus does not take the rules: ${body}`);
    // The last revision is gone as soon as all is gone that its rules recorded and these don't.
    const isAlone = `test_revision{revision="${this.revision}"} and on () count(test_revision) == 1`;
    const path = `/api/v1/query?query=${encodeURIComponent(isAlone)}`;
    await this.program.until(async () => (await get(this.port, path)).body.includes('"value"'), 30);
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}

/** In the order in which they are evaluated: the revision comes last. */
function rulesOf({ services, alert }: State, revision: number): object[] {
  const recorded = services.flatMap(({ namespace = "shop", service = "catalog", errorRatio, latencyP99 }) => {
    const rule = (record: string, value: number | undefined) =>
      value === undefined ? [] : [{ record, expr: `vector(${value})`, labels: { namespace, service } }];
    return [...rule(series.errorRatio, errorRatio), ...rule(series.latencyP99, latencyP99)];
  });
  const alerts = alert === undefined ? [] : [{ alert: "Firing", expr: "vector(1)", labels: { severity: alert } }];
  return [...recorded, ...alerts, { record: "test_revision", expr: "vector(1)", labels: { revision: `${revision}` } }];
}
