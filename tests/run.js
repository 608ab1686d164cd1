// Runs the unit tests and then the end-to-end tests, or the one project that is named, with further options for jest; ends with
// one line that counts all of them.
const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const [only, ...further] = process.argv.slice(2);
const results = mkdtempSync(join(tmpdir(), "omega-results-"));
// In MiB. A plan makes many objects that are gone at its end: with Node's own 16, a fifth of its time goes into them.
const youngSpace = "--max-semi-space-size=128";
let passed = 0;
let failed = 0;
for (const [project, ...options] of [
  // No test asserts a time: what a busy machine takes long for is no failure.
  ["unit", "--maxWorkers=100%", "--testTimeout=60000"],
  ["e2e", "--maxWorkers=2"],
]) {
  if (only !== undefined && only !== project) continue;
  const file = join(results, `${project}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      youngSpace,
      require.resolve("jest/bin/jest"),
      "--selectProjects",
      project,
      "--json",
      `--outputFile=${file}`,
      ...options,
      ...further,
    ],
    { stdio: ["inherit", "ignore", "inherit"] },
  );
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(file, "utf8"));
  passed += numPassedTests;
  // A file that doesn't load has no tests that could fail.
  failed += Math.max(numFailedTests, numFailedTestSuites, status === 0 ? 0 : 1);
}
rmSync(results, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
