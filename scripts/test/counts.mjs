/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} brokenFiles test files that failed outside a test: they did not load, or a hook failed
 */

/**
 * Reads the report of vitest's JSON reporter.
 * @returns {Counts}
 */
export function readCounts(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    brokenFiles: report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
    ).length,
  };
}

/** @param {readonly Counts[]} counts */
export function addCounts(counts) {
  const sum = (key) => counts.reduce((total, one) => total + one[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), brokenFiles: sum('brokenFiles') };
}

/** The closing line. A broken file counts as one failure, so that it never hides behind "0 failed". */
export function formatCounts({ passed, failed, skipped, brokenFiles }) {
  return `${passed} passed, ${failed + brokenFiles} failed, ${skipped} skipped`;
}
