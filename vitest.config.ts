import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Machines that run this are small and shared: two workers keep PGlite and real git responsive.
    maxWorkers: 2,
    // Whole stories with real processes, on machines that others use too.
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
