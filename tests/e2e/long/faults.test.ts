import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { type Fault, readFaults } from "../../../rehearsal/providers/faults";
import { engine, InterruptedProject, kill, type KubernetesObject, until } from "../interrupted-project";

jest.setTimeout(900_000);

/** Of everything that is drawn here: OMEGA_SEED repeats a run. */
const seed = Number(process.env.OMEGA_SEED ?? randomInt(2 ** 31));
console.log(`OMEGA_SEED=${seed}`);

/** Between 0 and 1 (mulberry32). */
function random(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("in a region of AWS", () => {
  const stack = "prod-us-east";
  const project = new InterruptedProject().reduce(["cluster", "cost"], "prod");
  afterAll(() => project.remove());

  const upWith = (faults: Partial<Fault>[]) => {
    const file = join(project.root, "faults.yaml");
    writeFileSync(file, stringify(faults));
    // A mistake in the file would make providers fail, for another reason.
    readFaults(file);
    return project.omega("up", { stack, environment: { OMEGA_FAULTS: file } });
  };
  const calls = (["create", "read", "update", "delete"] as const).map((operation) => ({ type: "aws:*", operation }));

  test("whose creates fail: the message names the resource and the reason", async () => {
    const message = "RequestLimitExceeded: the region takes no more resources";
    const { code, output } = await upWith([{ type: "aws:*", operation: "create", effect: "fail", share: 1, message }]);
    expect(code).toBe(1);
    expect(output).toMatch(/^ {2}failed \w+ us-east-/m);
    expect(output).toMatch(new RegExp(`^ {2}\\w+ us-east-\\S+: ${message}$`, "m"));
    expect(output).not.toMatch(/^\s+at /m);
    expect(project.made("us-east-1", "ec2", "vpc")).toEqual([]);
  });

  const throttling = calls.map((call) => ({ ...call, effect: "throttle" as const, share: 0.3, seed }));

  test("that throttles all of a kind: the provider gives up after its retries, and says so", async () => {
    const all = { type: "aws:ec2/vpc:Vpc", operation: "create", effect: "throttle", share: 1 } as const;
    const { code, output } = await upWith([all, ...throttling]);
    expect(code).toBe(1);
    expect(output).toContain(
      "Vpc us-east-vpc: exceeded maximum number of attempts, 25: ThrottlingException: Rate exceeded",
    );
    expect(project.made("us-east-1", "ec2", "vpc")).toEqual([]);
  });

  test("that throttles 30 % of all calls: the update resumes, and the provider's retries hide it", async () => {
    const { code, output } = await upWith(throttling);
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    expect(output).not.toContain("they may exist without the state knowing");
    expect(project.made("us-east-1", "ec2", "vpc")).toHaveLength(1);
    const { code: again, output: preview } = await project.omega("preview", { stack });
    expect(again).toBe(0);
    expect(preview).not.toMatch(/^ {2}(create|update|delete|replace) /m);
  });
});

describe("an engine that is killed ten times on its way", () => {
  const kills = 10;
  const project = new InterruptedProject().reduce();
  afterAll(() => project.remove());

  const succeed = async (command: string) => {
    const { code, output } = await project.omega(command);
    if (code !== 0) throw new Error(output);
  };

  test("leaves each time what the next run takes up; in the end all is as if nothing had happened", async () => {
    await succeed("up");
    const undisturbed: KubernetesObject[] = await project.objects();
    const all = project.known();
    await succeed("down");

    const draw = random(seed);
    const points: number[] = [];
    for (let run = 0; run < kills; run++) {
      const [before, left] = [project.known(), kills - run];
      // On average each takes its part of what is left.
      const point = before + Math.floor((2 * draw() * (all - before)) / (left + 1));
      // Creations that take a while leave some in flight.
      const { outcome } = project.start([{ type: "kubernetes:*", share: 1, milliseconds: 400 }]);
      let isOver = false;
      void outcome.then(() => (isOver = true));
      // Previews and what settles the last run are engines too.
      await until(() => isOver || (project.known() >= point && project.processes(`${engine} up`).length > 0));
      await sleep(draw() * 400);
      if (!isOver) kill(...project.processes(engine));
      const { code, output } = await outcome;
      points.push(project.known());
      if (code !== 1) throw new Error(`run ${run + 1} was not killed (OMEGA_SEED=${seed}):\n${output}`);
      expect(output).toContain("the engine was killed (SIGKILL)");
      await until(() => project.processes("").length === 0);
    }
    console.log(`killed with so many of ${all} resources in the state: ${points.join(", ")}`);

    await succeed("up");
    expect(project.known()).toBe(all);
    expect(await project.objects()).toEqual(undisturbed);
  });
});
