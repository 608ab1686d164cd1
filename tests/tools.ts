import { provideTools } from "../rehearsal/toolchain";
import { catalog, type ToolName } from "../rehearsal/toolchain/catalog";

/** Before the tests, for a build beside them would starve what they start. */
provideTools(Object.keys(catalog) as ToolName[], { log: (line) => console.log(`  ${line}`) }).catch(
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
