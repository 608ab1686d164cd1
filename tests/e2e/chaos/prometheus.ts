import { createServer, type Server } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { series } from "../../../components/observability/series";
import { provideTools } from "../../../rehearsal/toolchain";
import { get } from "../data-plane/http";
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

const scrapeSeconds = 1;

/**
 * A real Prometheus that scrapes what a test says, every second. The series come from the scrape under the names that the
 * recording rules give them; the alert is a rule's.
 */
export class Prometheus {
  readonly port: number;
  private readonly exporter: Server;
  private program: RunningProgram | undefined;
  private state: State = { services: [] };
  private revision = 0;

  private constructor(port: number) {
    this.port = port;
    this.exporter = createServer((_request, response) => {
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(this.exposition());
    });
  }

  static async start(folder: string): Promise<Prometheus> {
    const prometheus = new Prometheus(await freePort());
    const { exporter, port } = prometheus;
    const exporterPort = await freePort();
    await new Promise<void>((resolve) => exporter.listen(exporterPort, "127.0.0.1", resolve));
    mkdirSync(folder, { recursive: true });
    const interval = `${scrapeSeconds}s`;
    // JSON is YAML.
    const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content));
    write("rules.json", {
      groups: [
        {
          name: "alerts",
          interval,
          rules: ["page", "ticket"].map((severity) => ({
            alert: `Firing${severity}`,
            expr: `test_alert{severity="${severity}"} == 1`,
            labels: { severity },
          })),
        },
      ],
    });
    write("prometheus.json", {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: ["rules.json"],
      scrape_configs: [{ job_name: "test", static_configs: [{ targets: [`127.0.0.1:${exporterPort}`] }] }],
    });
    const { prometheus: command } = await provideTools(["prometheus"]);
    prometheus.program = new RunningProgram({
      command,
      args: [
        "--config.file=prometheus.json",
        "--storage.tsdb.path=data",
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=warn",
      ],
      folder,
      logFile: join(folder, "prometheus.log"),
    });
    await prometheus.program.until(async () => (await prometheus.statusOf("/-/ready")) === 200);
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

  /** Returns when a rule's evaluation after the scrape has seen it. */
  async show(state: State): Promise<void> {
    this.state = state;
    this.revision += 1;
    const seen = encodeURIComponent(`test_revision == ${this.revision}`);
    const firing = encodeURIComponent('ALERTS{alertstate="firing"}');
    const answer = async (query: string) => (await get(this.port, `/api/v1/query?query=${query}`)).body;
    await this.program?.until(async () => {
      const hasSample = (body: string) => body.includes('"value"');
      const alerts = await answer(firing);
      const asShown = state.alert === undefined ? !hasSample(alerts) : alerts.includes(`"${state.alert}"`);
      return hasSample(await answer(seen)) && asShown;
    }, 30);
  }

  async stop(): Promise<void> {
    await this.program?.stop();
    this.exporter.closeAllConnections();
    await new Promise((resolve) => this.exporter.close(resolve));
  }

  private exposition(): string {
    const { services, alert } = this.state;
    const lines = services.flatMap(({ namespace = "shop", service = "catalog", errorRatio, latencyP99 }) => {
      const line = (name: string, value: number | undefined) =>
        value === undefined ? [] : [`${name}{namespace="${namespace}",service="${service}"} ${value}`];
      return [...line(series.errorRatio, errorRatio), ...line(series.latencyP99, latencyP99)];
    });
    const alerts = alert === undefined ? [] : [`test_alert{severity="${alert}"} 1`];
    return [`test_revision ${this.revision}`, ...alerts, ...lines, ""].join("\n");
  }
}
