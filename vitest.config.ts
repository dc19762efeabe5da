import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts', 'test/aws/one-dynamodb.ts'],
    // Much of the time is waiting: for processes, for the table. By itself vitest would leave one of two cores idle, two still a half.
    maxWorkers: 3,
    // Some tests start whole processes, on machines with two cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
