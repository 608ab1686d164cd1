import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { isRunning, type ProcessIdentity } from "../../../rehearsal/control-plane/processes";
import { reducedProduction } from "./regions-project";
import type { Outcome } from "../support";

jest.setTimeout(1_500_000);

const regions = ["us-east", "eu-west", "ap-south", "ap-north"];
const lost = { region: "ap-south", stack: "prod-ap-south", cluster: "ap-south-1" };
const succeeds = { code: 0, failure: "" };

interface Resource {
  urn: string;
  type: string;
  custom: boolean;
}

/** Four regions, each with an API server of its own, and the edge before them: the engine's own runs, side by side. */
describe("production as one command", () => {
  const project = reducedProduction();
  let occupied: Server | undefined;
  afterAll(async () => {
    occupied?.close();
    await project.remove();
  });

  const text = (file: string) => readFileSync(join(project.root, file), "utf8");
  const omega = (command: string, environment: Record<string, string> = {}, argv: string[] = []) =>
    project.omega(command, { stack: "prod", argv, environment: { OMEGA_PARALLEL_REGIONS: "2", ...environment } });
  const outcome = ({ code, output }: Outcome) => ({ code, failure: code === 0 ? "" : output });
  const linesOf = (output: string, stack: string) =>
    output.split("\n").flatMap((line, index) => (line.startsWith(`${stack} `) ? [index] : []));
  /** What was done to resources, by the stack that did it. */
  const changes = (output: string) =>
    output.split("\n").filter((line) => /^prod\S* +\| {3}(create|update|replace|delete|failed) /.test(line));
  const inCluster = (stack: string, ...argv: string[]) => project.omega("kubectl", { stack, argv });
  const remaining = (stack: string) => {
    const file = JSON.parse(text(`.rehearsal/state/.pulumi/stacks/omega/${stack}.json`)) as {
      checkpoint: { latest?: { resources?: Resource[] } };
    };
    const resources = file.checkpoint.latest?.resources ?? [];
    const real = resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
    return real.map(({ type, urn }) => `${type.split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`).sort();
  };
  const apiServer = () => {
    const folder = `.rehearsal/control-planes/${lost.cluster}`;
    const processes = JSON.parse(text(`${folder}/processes.json`)) as Record<string, ProcessIdentity>;
    const { port } = JSON.parse(text(`${folder}/settings.json`)) as { port: number };
    return { process: processes["kube-apiserver"], port };
  };
  test("what the regions share waits for those that were never there, and says for which", async () => {
    const { code, output } = await omega("up", { OMEGA_REGIONS: "us-east" });
    expect(output).toContain("  prod-us-east: done");
    expect(output).toContain(
      '  prod: was not begun: it needs the output "gateway" of prod-eu-west, prod-ap-south, prod-ap-north',
    );
    expect(code).toBe(1);
  });

  test("the regions come up side by side, each line with its stack, and then what they share", async () => {
    const result = await omega("up");
    const { output } = result;
    expect(outcome(result)).toEqual(succeeds);
    for (const region of regions) {
      expect(output).toContain(`  prod-${region}: done`);
      expect(output).toMatch(new RegExp(`^prod +\\| +create LoadBalancerPool edge-${region}-pool`, "m"));
      const { output: namespaces } = await inCluster(`prod-${region}`, "get", "namespace", "shop", "-o", "name");
      expect(namespaces).toContain("namespace/shop");
    }
    const [eu, us] = ["prod-eu-west", "prod-us-east"].map((stack) => linesOf(output, stack));
    expect(eu?.[0]).toBeLessThan(us?.at(-1) ?? 0);
    const lastOfRegions = Math.max(...regions.map((region) => linesOf(output, `prod-${region}`).at(-1) ?? 0));
    expect(linesOf(output, "prod")[0]).toBeGreaterThan(lastOfRegions);
  });

  test("a second time nothing changes", async () => {
    const result = await omega("up");
    expect(outcome(result)).toEqual(succeeds);
    expect(changes(result.output)).toEqual([]);
  });

  test("evacuation refuses what is no region, and changes nothing", async () => {
    const before = text("Pulumi.prod.yaml");
    const { code, output } = await omega("evacuate", {}, ["us-west"]);
    expect(output).toContain('"us-west" is no region of prod');
    expect(code).toBe(1);
    expect(text("Pulumi.prod.yaml")).toBe(before);
  });

  test("down with some regions is refused: it would take what the others share", async () => {
    const { code, output } = await omega("down", { OMEGA_REGIONS: "us-east,eu-west" });
    expect(output).toContain("down of prod takes what its regions share");
    expect(output).toContain("make down STACK=prod-us-east");
    expect(output).not.toContain("Destroy");
    expect(code).toBe(1);
  });

  describe("with one region's API server killed", () => {
    let before = "";
    let dead: ReturnType<typeof apiServer>;
    beforeAll(() => {
      before = text("Pulumi.prod.yaml");
      dead = apiServer();
      if (dead.process === undefined || !isRunning(dead.process)) throw new Error("there is no API server to kill");
      process.kill(dead.process.pid, "SIGKILL");
    });

    test("evacuation takes it out of traffic by the stack that the regions share, alone", async () => {
      const { code, output } = await omega("evacuate", {}, [lost.region]);
      expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
      expect(output).toMatch(/^ {2}update LoadBalancer edge-api\.shop\.example .*defaultPools/m);
      expect(output).toContain(`make readmit STACK=prod REGION=${lost.region}`);
      expect(output).not.toContain("control plane");
      expect(text("Pulumi.prod.yaml")).toContain(`drained: [${lost.region}]`);
      expect(text("Pulumi.prod.yaml")).toMatch(/^# Who changes this file by hand keeps its comments/);
      expect(isRunning(dead.process)).toBe(false);
      expect(apiServer()).toEqual(dead);
    });

    test("the other regions and what they share are updated, and the failure is told at the end", async () => {
      // As if its machine were gone: nobody can start it again at its address.
      occupied = createServer((socket) => socket.destroy()).listen(dead.port, "127.0.0.1");
      project.edit("Pulumi.prod.yaml", /version: 1\.0\.0/, "version: 1.0.1");
      project.edit("Pulumi.prod.yaml", "percent: 5", "percent: 6");
      const { code, output } = await omega("up");
      expect(code).toBe(1);
      expect(output).toMatch(new RegExp(`^ {2}${lost.stack}: [^]*port ${dead.port} of ${lost.cluster}`, "m"));
      expect(output).toContain(`up failed for ${lost.stack}; the others are done`);
      const others = regions.map((region) => `prod-${region}`).filter((stack) => stack !== lost.stack);
      for (const stack of others) {
        expect(output).toContain(`  ${stack}: done`);
        expect(output).toMatch(new RegExp(`^${stack} +\\| +update Deployment catalog-deployment`, "m"));
      }
      expect(output).toContain("  prod: done");
      expect(changes(output).some((line) => /^prod +\|/.test(line))).toBe(true);
    });

    test("the region rejoins: it becomes what the others are, and gets requests again", async () => {
      await new Promise((resolve) => (occupied === undefined ? resolve(undefined) : occupied.close(resolve)));
      occupied = undefined;
      const up = await project.omega("up", { stack: lost.stack });
      expect(outcome(up)).toEqual(succeeds);
      expect(up.output).toMatch(/^ {2}update Deployment catalog-deployment/m);
      const back = await omega("readmit", {}, [lost.region]);
      expect(outcome(back)).toEqual(succeeds);
      expect(back.output).toMatch(/^ {2}update LoadBalancer edge-api\.shop\.example .*defaultPools/m);
      expect(text("Pulumi.prod.yaml")).toBe(
        before.replace(/version: 1\.0\.0/, "version: 1.0.1").replace("percent: 5", "percent: 6"),
      );
    });
  });

  test("down leaves what it said before that it would leave, and nothing else", async () => {
    const result = await omega("down");
    expect(outcome(result)).toEqual(succeeds);
    const [told = ""] = result.output.split(/^prod +\| /m);
    for (const stack of ["prod", ...regions.map((region) => `prod-${region}`)]) {
      const section = told.split("\n\n").find((part) => part.includes(`What stays of ${stack}\n`)) ?? "";
      const listed = section.split("\n").flatMap((line) => /^ {4}(\S+ \S+)$/.exec(line)?.[1] ?? []);
      expect({ stack, left: remaining(stack) }).toEqual({ stack, left: listed.sort() });
    }
  });
});
