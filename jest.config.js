const transform = { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] };
// What a rehearsal keeps here is its own: jest would take an etcd's snapshots for stale ones of tests.
const ignored = ["<rootDir>/.rehearsal/"];
const shared = {
  transform,
  modulePathIgnorePatterns: ignored,
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
    { ...shared, displayName: "e2e", testMatch: ["<rootDir>/tests/e2e/**/*.test.ts"] },
  ],
};
