const { appendFileSync } = require('node:fs');

/**
 * Appends a line `<passed> <failed>` to the file that the variable PIXELIS_TEST_COUNTS names, so that `.ci/run` can sum
 * the tests of all projects. A test file that could not be run at all counts as one failed test.
 */
module.exports = class JestCountsReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const path = process.env.PIXELIS_TEST_COUNTS;
    if (!path) return;
    appendFileSync(path, `${numPassedTests} ${numFailedTests + numRuntimeErrorTestSuites}\n`);
  }
};
