const compile = (syntax) => ["@swc/jest", { jsc: { target: "es2022", parser: { syntax } } }];
// What a rehearsal keeps here is its own: jest would take an etcd's snapshots for stale ones of tests.
const ignored = ["<rootDir>/.rehearsal/"];
// They are modules alone, which jest's own require doesn't read.
const modules = "/node_modules/(jose|puppeteer-core|@puppeteer)/";
const shared = {
  transform: { "\\.ts$": compile("typescript"), [`${modules}.+\\.js$`]: compile("ecmascript") },
  transformIgnorePatterns: [modules.replace("(", "(?!(").replace(/\)\/$/, ")/)")],
  modulePathIgnorePatterns: ignored,
  // The provider and the examples name the package, which is this repository.
  moduleNameMapper: {
    "^omega-platform$": "<rootDir>/components/index.ts",
    "/typescript-shim$": "<rootDir>/tests/lazy-typescript.js",
    "^@npmcli/arborist$": "<rootDir>/tests/no-arborist.js",
  },
  setupFiles: ["<rootDir>/tests/silent-stacks.js"],
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "off" },
};

module.exports = {
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: ["/tests/e2e/"],
    },
    {
      ...shared,
      displayName: "e2e",
      testMatch: ["<rootDir>/tests/e2e/**/*.test.ts"],
      testPathIgnorePatterns: ["/tests/e2e/long/"],
    },
    { ...shared, displayName: "long", testMatch: ["<rootDir>/tests/e2e/long/*.test.ts"] },
  ],
};
