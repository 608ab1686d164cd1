import { planProgram } from "../engine/plan";
import { loadProgram } from "../engine/program";
import { readStackFile } from "../engine/stack-file";
import { projectRoot } from "../paths";
import { problemReport, upgradeProblems } from "./compare";
import { listedStacks, listOf, readList, writeList } from "./urn-list";

/**
 * `npm run urns`: accepts what the stacks are made of now, and says what that means for those that exist.
 * `npm run urns -- <stack>` begins the list of another one.
 */
async function main(): Promise<void> {
  const named = process.argv.slice(2);
  for (const stack of named.length > 0 ? named : listedStacks()) {
    const plan = await planProgram(loadProgram(projectRoot), stack, readStackFile(projectRoot, stack), false);
    const [before, after] = [readList(stack), listOf(plan)];
    writeList(stack, after);
    const accepted = upgradeProblems(before, after).filter(({ kind }) => kind !== "not listed");
    console.log(`${stack}: ${after.length} resources${accepted.length > 0 ? "; accepted:" : ""}`);
    if (accepted.length > 0) console.log(problemReport(stack, accepted));
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
