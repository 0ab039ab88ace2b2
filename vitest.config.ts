import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take minutes begin first; the default begins with the largest ones, and would wait for these alone. */
const LONGEST = [
  'evaluation/oracle.test.ts',
  'pipeline/take-over.test.ts',
  'chaos/chaos.test.ts',
  'evaluation/hostile-models.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => moduleId.endsWith(name))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // Machines that run this are small and shared; much of what is tested waits for processes, so three keep two cores busy.
    maxWorkers: 3,
    // Whole stories with real processes, on machines that others use too.
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
