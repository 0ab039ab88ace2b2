import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest begins first; the default begins with the largest files, and would wait for these alone. */
const LONGEST = [
  'evaluation/oracle',
  'scenarios/starting-and-stopping',
  'scenarios/no-credential-leaks',
  'scenarios/stopping-for-good',
  'chaos/chaos',
  'pipeline/take-over',
  'runs/queue/takeover',
  'commands/backup',
  'scenarios/github-faults',
  'evaluation/',
  'checks/toolchains',
  'pipeline/publish/resume-publish',
  'scenarios/',
  'stand-ins/github-conformance',
  'demo/',
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
