import { availableParallelism, totalmem } from "node:os";
import { UserError } from "../errors";
import { projectRoot } from "../paths";
import { type RegionalStack, regionalStacks } from "./stack-file";

/** Asked of the command line for one stack that is a part of a larger run. */
export const part = "--part";

/**
 * The regions' stacks that a command is for, besides the stack that they share. REGIONS of `make` (OMEGA_REGIONS) says
 * which: all by default, `none`, or names with commas between them.
 */
export function chosenRegions(stack: string): RegionalStack[] {
  const all = regionalStacks(projectRoot, stack);
  const chosen = (process.env.OMEGA_REGIONS || "all").split(/[\s,]+/).filter((name) => name !== "");
  if (all.length === 0 || chosen.includes("all")) return all;
  if (chosen.includes("none")) return [];
  const unknown = chosen.filter((name) => !all.some(({ region }) => region === name));
  if (unknown.length > 0) {
    const known = all.map(({ region }) => region).join(", ");
    throw new UserError(`REGIONS: "${unknown.join('", "')}" is no region of ${stack}: all, none, or some of ${known}`);
  }
  return all.filter(({ region }) => chosen.includes(region));
}

/** Memory of one region's run: its API server, with its controllers, its engine and its plug-ins. */
const regionBytes = 3 * 2 ** 30;

/** OMEGA_PARALLEL_REGIONS; by default one a core, and no more than memory has room for. */
export function parallelRegions(): number {
  const given = process.env.OMEGA_PARALLEL_REGIONS;
  if (given === undefined || given === "") {
    return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / regionBytes)));
  }
  const parallel = Number(given);
  if (!Number.isInteger(parallel) || parallel < 1) {
    throw new UserError(`OMEGA_PARALLEL_REGIONS: "${given}" must be a whole number from 1`);
  }
  return parallel;
}
