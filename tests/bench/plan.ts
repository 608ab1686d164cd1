import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { evaluate } from "../../policies/rules";
import { planProgram } from "../../rehearsal/engine/plan";
import { projectRoot } from "../../rehearsal/paths";
import { formatStacksWithMessages } from "../../rehearsal/stack-traces";
import { readConfiguration } from "../../stacks/config";
import { buildPlatform } from "../../stacks/platform";
import { emptyLayout } from "../../stacks/previous";
import { type Dimension, platformOf } from "./plan-platform";

/** `make bench-plan`: what a plan and its rules cost as the platform grows, each size in processes of its own. */

const sizes: readonly [Dimension, number][] = [
  ...[6, 60, 600].map((count): [Dimension, number] => ["services", count]),
  ...[10, 100, 1000].map((count): [Dimension, number] => ["tenants", count]),
];
const rounds = 3;

/** Of one process. CPU in milliseconds, of all its threads: wall time is that of the machine's other work too. */
interface Measure {
  resources: number;
  validation: number;
  plan: number;
  rules: number;
  wall: number;
  /** Resident at most, in MiB, and before the plan began. */
  peak: number;
  before: number;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

async function measure(dimension: Dimension, count: number): Promise<Measure> {
  const config = platformOf(dimension, count);
  const before = mebibytes(process.memoryUsage.rss());
  const started = performance.now();
  let last = process.cpuUsage();
  const since = (): number => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    return Math.round((user + system) / 1000);
  };
  let validation = 0;
  const program = async () => {
    since();
    const configuration = readConfiguration(projectRoot, emptyLayout);
    validation = since();
    return { ...buildPlatform(configuration) };
  };
  const { resources } = await planProgram(program, "dev", { config, secrets: [] });
  const plan = since();
  const violations = evaluate(resources);
  if (violations.length > 0) throw new Error(violations.map(({ message }) => message).join("\n"));
  const rules = since();
  const wall = Math.round(performance.now() - started);
  // In KiB, but for macOS.
  const peak = mebibytes(process.resourceUsage().maxRSS * (process.platform === "darwin" ? 1 : 1024));
  return { resources: resources.length, validation, plan, rules, wall, peak, before };
}

function inProcess(dimension: Dimension, count: number): Measure {
  const argv = ["--require", "tsx/cjs", __filename, dimension, String(count)];
  return JSON.parse(execFileSync(process.execPath, argv, { cwd: projectRoot, encoding: "utf8" })) as Measure;
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

function compareSizes(): void {
  const raw = sizes.map(([dimension, count]) => ({ dimension, count, runs: [] as Measure[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { dimension, count, runs } of raw) runs.push(inProcess(dimension, count));
  }
  const rows = raw.map(({ dimension, count, runs }) => {
    const of = (key: keyof Measure) => median(runs.map((each) => each[key]));
    const resources = of("resources");
    const perResource = (value: number) => Math.round((100 * value) / resources) / 100;
    return {
      size: `${count} ${dimension}`,
      ...{ resources, validation: of("validation"), plan: of("plan"), rules: of("rules"), peak: of("peak") },
      planEach: perResource(of("plan")),
      rulesEach: perResource(of("rules")),
      memoryEach: perResource((of("peak") - of("before")) * 1024),
    };
  });
  console.table(rows);
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, loadAverage: loadavg()[0] };
  writeFileSync(join(projectRoot, "docs/bench-plan.json"), `${JSON.stringify({ machine, rounds, rows, raw })}\n`);
}

async function main(): Promise<void> {
  const [dimension, count] = process.argv.slice(2);
  if (dimension !== "services" && dimension !== "tenants") return compareSizes();
  console.log(JSON.stringify(await measure(dimension, Number(count))));
}

formatStacksWithMessages();
main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
