import { basename, dirname, join } from "node:path";

// The published package holds these sources as they are and, in `dist`, what they compile to.
const above = dirname(__dirname);

/** Root of this repository, or of the installed package. */
export const packageRoot = basename(above) === "dist" ? dirname(above) : above;

/** Folder of the components' sources, with what isn't compiled: schemas, and what esbuild bundles. */
export const sourceFolder = join(packageRoot, "components");
