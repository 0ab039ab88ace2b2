import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest begins first; the default begins with the largest files, and would wait for these alone. */
const LONGEST = [
  'evaluation/oracle',
  'chaos/chaos',
  'pipeline/take-over',
  'evaluation/hostile-models',
  'scenarios/starting-and-stopping',
  'scenarios/stopping-for-good',
  'runs/queue/takeover',
  'checks/toolchains',
  'commands/backup',
  'scenarios/',
  'evaluation/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`))
      return index < 0 ? LONGEST.length : index
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
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
