import { describe, expect, it } from 'vitest';
import { addCounts, formatCounts, readCounts } from './counts.mjs';

const report = {
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 0,
  testResults: [
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
  ],
};

describe('readCounts', () => {
  it('counts tests', () => {
    expect(readCounts(report)).toEqual({ passed: 3, failed: 1, skipped: 2, brokenFiles: 0 });
  });

  it('counts a file that failed outside its tests', () => {
    const broken = { ...report, testResults: [...report.testResults, { status: 'failed', assertionResults: [] }] };
    expect(formatCounts(readCounts(broken))).toBe('3 passed, 2 failed, 2 skipped');
  });
});

describe('addCounts', () => {
  it('adds runs up', () => {
    const one = readCounts(report);
    expect(formatCounts(addCounts([one, one]))).toBe('6 passed, 2 failed, 4 skipped');
  });
});
