// Pulumi's SDK reads functions and programs with it, and loads it always: a third of a second for each test file.
module.exports = new Proxy({}, { get: (_, name) => require("typescript")[name] });
