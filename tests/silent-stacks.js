const { runInThisContext } = require("node:vm");

// As rehearsal/stack-traces.ts does for commands; what has a message is formatted as jest would. Jest's source maps make the
// others' stacks a quarter of a plan's time.
const outer = runInThisContext("Error");
Error.prepareStackTrace = (error, sites) =>
  error.message === "" ? "Error" : (outer.prepareStackTrace?.(error, sites) ?? `${error}`);
