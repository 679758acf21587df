import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/dist/**', '**/.flotilla/**'];

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.int.test.ts', '**/*.e2e.test.ts', 'frontend/**'],
          testTimeout: 10_000,
        },
      },
      {
        // Each file starts real servers and waits for them with bounds: one file at a time, or the bounds would measure the
        // machine and not the code.
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: ignored,
          globalSetup: ['core-db/src/testing/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        // Whole systems share the host's Docker and ports: one file at a time.
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: ignored,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          fileParallelism: false,
        },
      },
      'frontend',
    ],
  },
});
