import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { missingOnPath } from "./command";
import type { Source, Work } from "./tool";

interface GoProgram {
  /** Folder of the main package in its module; default: the module's root. */
  package?: string;
  /** Go source of a main package of our own around the module's packages, in place of one of the module's. */
  main?: string;
  /** Variable that the linker sets to `v<version>`, for a program that would otherwise not know its version. */
  versionVariable?: string;
  /** Version of the modules required at v0.0.0, which only the module's own repository can resolve. */
  stagingVersion?: string;
  /** Takes over the module's own `replace` lines; those that point into its repository need a version from here. */
  replacements?: Readonly<Record<string, string>>;
}

/** Independent of the user's settings; empty values count as unset. */
const environment = {
  CGO_ENABLED: "0",
  GO111MODULE: "on",
  GOARCH: "",
  GOBIN: "",
  GOFLAGS: "-mod=mod",
  GOOS: "",
  GOWORK: "off",
};

/** Go's module and build caches after building every tool of the first catalogue; an upper reading. */
const cachesMegabytes = 9_000;

/** A program, built from the module that has the tool's version. */
export function goProgram(module: string, program: GoProgram = {}): Source {
  return {
    from: "registry",
    how: "built from its Go module",
    recipe: { module, program },
    cachesMegabytes,
    obstacle: () => missingOnPath("go"),
    make: (work) => build(module, program, work),
  };
}

/** Files and folders of a module, under the paths that they have there. */
export function goFiles(module: string, files: readonly string[]): Source {
  return {
    from: "registry",
    how: "copied from its Go module",
    recipe: { module, files },
    obstacle: () => missingOnPath("go"),
    make: (work) => copyFiles(module, files, work),
  };
}

/** The build has a module of its own: a program can't be installed by its path when its module has `replace` lines. */
async function build(module: string, program: GoProgram, work: Work): Promise<void> {
  const { versionVariable, stagingVersion, replacements } = program;
  const goMod = ["module rehearsal", "go 1.26", `require ${module} v${work.version}`];
  if (stagingVersion !== undefined || replacements !== undefined) {
    const { Dir, GoMod } = await download(module, work);
    const upstream = await readFile(GoMod, "utf8");
    // What upstream has pinned needs no look-up in Go's checksum database, which has forgotten some.
    const checksums = await readFile(join(Dir, "go.sum"), "utf8").catch(() => "");
    await writeFile(join(work.scratch, "go.sum"), checksums);
    if (stagingVersion !== undefined) {
      goMod.push(...stagingModules(upstream).map((staging) => `replace ${staging} => ${staging} ${stagingVersion}`));
    }
    if (replacements !== undefined) goMod.push(...replaceLines(upstream, replacements));
  }
  await writeFile(join(work.scratch, "go.mod"), `${goMod.join("\n")}\n`);
  if (program.main !== undefined) await writeFile(join(work.scratch, "main.go"), program.main);
  const mainPackage = program.main === undefined ? packagePath(module, program.package) : ".";
  // Downloads what the program needs and nothing for tests, before its turn: beside another tool's build.
  await work.run("go", ["list", "-deps", "-f", "", mainPackage], environment);
  const linkerFlags = `-s -w${versionVariable === undefined ? "" : ` -X ${versionVariable}=v${work.version}`}`;
  const flags = ["-trimpath", "-ldflags", linkerFlags, "-o", join(work.output, work.name)];
  // A killed build leaves its temporary files in our scratch folder rather than in the system's.
  const GOTMPDIR = await mkdtemp(join(work.scratch, "go-"));
  await work.inTurn(() => work.run("go", ["build", ...flags, mainPackage], { ...environment, GOTMPDIR }));
}

function packagePath(module: string, folder: string | undefined): string {
  return folder === undefined ? module : `${module}/${folder}`;
}

/** Modules that a go.mod requires at exactly v0.0.0. */
export function stagingModules(goMod: string): string[] {
  return [...goMod.matchAll(/^(?:require)?[ \t]+(\S+) v0\.0\.0$/gm)].flatMap(([, module]) => module ?? []);
}

/** The `replace` lines of a go.mod, those on a folder with a version instead. */
export function replaceLines(goMod: string, versions: Readonly<Record<string, string>>): string[] {
  return [...goMod.matchAll(/^(?:replace)?[ \t]+(\S+)(?: (\S+))? => (\S+)(?: (\S+))?$/gm)].flatMap(
    ([, module = "", version, target = "", targetVersion]) => {
      const own = target.startsWith(".") ? versions[module] : targetVersion;
      if (own === undefined) return [];
      const replaced = version === undefined ? module : `${module} ${version}`;
      return [`replace ${replaced} => ${target.startsWith(".") ? module : target} ${own}`];
    },
  );
}

/** Written, not copied: Go's cache is read-only, and ours must be easy to delete. */
async function copyFiles(module: string, files: readonly string[], work: Work): Promise<void> {
  const { Dir } = await download(module, work);
  for (const path of files) {
    const isFolder = (await stat(join(Dir, path))).isDirectory();
    const entries = isFolder ? await readdir(join(Dir, path), { recursive: true, withFileTypes: true }) : [];
    const found = isFolder
      ? entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      : [join(Dir, path)];
    for (const file of found) {
      const target = join(work.output, relative(Dir, file));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, await readFile(file));
    }
  }
}

async function download(module: string, work: Work): Promise<{ Dir: string; GoMod: string }> {
  return JSON.parse(await work.run("go", ["mod", "download", "-json", `${module}@v${work.version}`], environment));
}
