/** A jest reporter that ends with one plain line a machine can read: `tests: 12 passed, 0 failed, 1 skipped`. */
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const {
      numPassedTests: passed,
      numFailedTests: failed,
      numRuntimeErrorTestSuites: broken,
      numPendingTests: skipped,
    } = results;
    console.log(`tests: ${passed} passed, ${failed + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }
};
