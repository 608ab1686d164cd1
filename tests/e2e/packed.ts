import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../rehearsal/paths";
import { run } from "./support";

const modules = join(projectRoot, "node_modules");
/** What a project brings itself: providers' SDKs, and the compiler. */
const ofProjects = ["@pulumi/aws", "@pulumi/cloudflare", "@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/random"];
const ofCompilers = ["typescript", "@types/node", "undici-types"];

/** Packs this repository as it would be published. @returns the archive's path */
export async function pack(folder: string): Promise<string> {
  const { code, output } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: projectRoot });
  if (code !== 0) throw new Error(output);
  const [archive] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  if (archive === undefined) throw new Error(output);
  return join(folder, archive);
}

/**
 * A copy of a project, in which npm installs the archive with what it depends on. Its peers are links to this repository's: they
 * are hundreds of megabytes.
 */
export async function installed(project: string, archive: string, folder: string): Promise<string> {
  cpSync(join(projectRoot, project), folder, { recursive: true });
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
  const reduced = { ...manifest, dependencies: { "omega-platform": `file:${archive}` }, devDependencies: {} };
  writeFileSync(file, JSON.stringify(reduced));
  const argv = ["install", "--prefer-offline", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, output } = await run("npm", argv, { cwd: folder });
  if (code !== 0) throw new Error(output);
  for (const scope of ["@pulumi", "@types"]) mkdirSync(join(folder, "node_modules", scope), { recursive: true });
  const declared = Object.keys(manifest.dependencies ?? {}).filter((name) => ofProjects.includes(name));
  for (const name of [...declared, ...ofCompilers]) {
    const link = join(folder, "node_modules", name);
    // npm may have brought types for something else.
    rmSync(link, { recursive: true, force: true });
    symlinkSync(join(modules, name), link);
  }
  writeFileSync(file, JSON.stringify(manifest));
  return folder;
}
