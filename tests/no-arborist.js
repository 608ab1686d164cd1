// Pulumi's SDK finds a function's packages with it, which no test needs, and loads it always: as slow as TypeScript.
module.exports = {};
