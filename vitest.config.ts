import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Some tests start whole processes, on machines with two cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
