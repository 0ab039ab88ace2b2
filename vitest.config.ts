import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Machines that run this are small and shared; much of what is tested waits for processes, so three keep two cores busy.
    maxWorkers: 3,
    // Whole stories with real processes, on machines that others use too.
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
