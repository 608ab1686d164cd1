import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { ProjectCopy, run, TestRehearsal } from "./support";

jest.setTimeout(600_000);

/** A text as it is, and as it looks inside anything that was encoded in base64 with it, whatever stands before it. */
function formsOf(text: string): string[] {
  const encoded = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    // Six bits a character: the first and the last one may hold bits of the neighbours.
    return bytes.toString("base64").slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
  });
  return [text, ...encoded];
}

function filesWith(folder: string, needles: string[]): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => {
      const content = readFileSync(file);
      return needles.some((needle) => content.includes(needle));
    });
}

/** Notes what other users of this machine could see (command lines) and what processes hand on (environments). */
class ProcessWatch {
  readonly commandLines = new Set<string>();
  readonly environments = new Set<string>();
  private readonly seen = new Map<string, string>();
  private readonly timer = setInterval(() => this.look(), 20);

  end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const names = existsSync("/proc") ? readdirSync("/proc") : [];
    for (const process of names.filter((name) => /^\d+$/.test(name))) {
      const read = (file: string) => readFileSync(join("/proc", process, file), "utf8");
      try {
        const commandLine = read("cmdline");
        if (this.seen.get(process) === commandLine) continue;
        const environment = read("environ");
        // It is becoming another program right now: looked at again at the next time.
        if (read("cmdline") !== commandLine) continue;
        this.seen.set(process, commandLine);
        this.commandLines.add(commandLine);
        // The engine puts the configuration into this one's environment, which drops it before the pack starts.
        if (!commandLine.includes("/bin/pulumi-analyzer-policy-nodejs")) this.environments.add(environment);
      } catch {
        // It has ended.
      }
    }
  }
}

describe("the registry's password, the only secret of a stack", () => {
  const project = new ProjectCopy();
  afterAll(() => project.remove());

  const type = (command: string) =>
    run("bash", ["-c", `eval "$(node --require tsx/cjs rehearsal/cli.ts env 2>/dev/null)" && ${command}`], {
      cwd: project.root,
      env: project.environment(),
    });
  const watch = new ProcessWatch();
  let printed = "";
  let password = "";
  let needles: string[] = [];

  beforeAll(async () => {
    project.edit(
      "Pulumi.dev.yaml",
      "  omega:regions:",
      [
        "  omega:imageRegistry: { server: registry.example.com, username: shop }",
        "  omega:imageRegistryPassword: { secure: v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== }",
        "  omega:regions:",
      ].join("\n"),
    );
    const { code, output } = await project.omega("up");
    watch.end();
    if (code !== 0) throw new Error(output);
    printed = output + (await project.omega("refresh")).output;
    password = (await type("pulumi config get --stack dev omega:imageRegistryPassword")).output.trim();
    const auth = Buffer.from(`shop:${password}`).toString("base64");
    needles = [...formsOf(password), ...formsOf(auth)];
  });

  test("reaches the cluster, where the pods' account names it", async () => {
    const found = await project.json<{ data: Record<string, string> }>("-n", "shop", "get", "secret", "image-registry");
    const encoded = found.data[".dockerconfigjson"] ?? "";
    expect(JSON.parse(Buffer.from(encoded, "base64").toString())).toMatchObject({
      auths: { "registry.example.com": { username: "shop", password } },
    });
    expect(password.length).toBeGreaterThan(30);
    expect(needles.some((needle) => encoded.includes(needle))).toBe(true);
  });

  test("is encrypted in the exported state", async () => {
    const hidden = await type("pulumi stack export --stack dev");
    const shown = await type("pulumi stack export --stack dev --show-secrets");
    expect(needles.filter((needle) => shown.output.includes(needle))).not.toEqual([]);
    expect(needles.filter((needle) => hidden.output.includes(needle))).toEqual([]);
  });

  test("is in no file of the rehearsal: state, etcd, stack file, logs", () => {
    expect(filesWith(project.rehearsal, needles)).toEqual([]);
    // Names are readable there, so a value would be found.
    expect(filesWith(join(project.rehearsal, "control-planes"), ["image-registry"])).not.toEqual([]);
  });

  test("is not printed", () => {
    expect(printed).toContain("create Secret shop-image-registry");
    expect(needles.filter((needle) => printed.includes(needle))).toEqual([]);
  });

  (process.platform === "linux" ? test : test.skip)("is on no command line and in no lasting environment", () => {
    const [commandLines, environments] = [[...watch.commandLines], [...watch.environments]];
    expect(commandLines.some((line) => line.replaceAll("\0", " ").includes("config set --secret"))).toBe(true);
    expect(commandLines.some((line) => line.includes("run-policy-pack"))).toBe(true);
    expect(environments.some((environment) => environment.includes(`PULUMI_HOME=${project.rehearsal}`))).toBe(true);
    const holds = (text: string) => needles.some((needle) => text.includes(needle));
    expect(commandLines.filter(holds)).toEqual([]);
    const variables = environments.flatMap((environment) => environment.split("\0")).filter(holds);
    expect(variables.map((variable) => variable.split("=")[0])).toEqual([]);
  });
});

test("secrets in a cloud's resources are in no file, whatever the way they took there", async () => {
  const rehearsal = new TestRehearsal();
  const canary = "canary-that-nobody-should-see";
  const tagged = () => ({ password: pulumi.secret(canary) });
  let description = "first";
  const stack = await rehearsal.stack("clouds", async () => {
    const { result } = new random.RandomPassword("password", { length: 24 });
    const provider = new aws.Provider("aws", { region: "eu-west-1", defaultTags: { tags: { hidden: result } } });
    const assumeRolePolicy = pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "ec2.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": pulumi.secret(canary) } },
        },
      ],
    });
    new aws.iam.Role("role", { assumeRolePolicy, description, tags: tagged() }, { provider });
    new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16", tags: { ...tagged(), result } }, { provider });
    const edge = new cloudflare.Provider("cloudflare", { apiToken: pulumi.secret(canary) });
    const record = { zoneId: "z", name: "a.example", type: "TXT", ttl: 1, content: result };
    new cloudflare.DnsRecord("record", record, { provider: edge });
    return { result };
  });
  const { outputs } = await stack.up();
  description = "second";
  await stack.up();
  await stack.refresh();
  const needles = [...formsOf(canary), ...formsOf(String(outputs.result?.value))];
  expect(filesWith(rehearsal.paths.clouds, ["second"])).toHaveLength(1);
  expect(filesWith(rehearsal.paths.root, needles)).toEqual([]);
  await stack.destroy();
  await rehearsal.remove();
});
