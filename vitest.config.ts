import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { QUICK_WASM } from './test/support/quick-wasm.ts'

/** What takes longest begins first; the default begins with the largest files, and would wait for these alone. */
const LONGEST = [
  'evaluation/oracle',
  'redteam/',
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
    // A worker goes on only to a file of its own project; otherwise another starts, which takes seconds of a core.
    const order = ({ project }: TestSpecification) => (project.name === 'stories' ? 0 : 1)
    return (await super.sort(files)).sort((a, b) => order(a) - order(b) || place(a) - place(b))
  }
}

/** What these test starts few processes. */
const PARTS = [
  'bench',
  'commands/terminal',
  'db',
  'github',
  'models',
  'runs',
  'stand-ins',
  'telemetry',
  'text',
  'triggers',
  'web',
  'wiring',
].map((folder) => `test/${folder}/**/*.test.ts`)

// Whole stories with real processes, on machines that others use too.
const TIMEOUTS = {
  testTimeout: 180_000,
  hookTimeout: 120_000,
  // The default of a second is less than a busy machine may need to start a process.
  expect: { poll: { timeout: 60_000 } },
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // Much of what is tested waits for processes and for time to pass, so four workers keep two cores busy.
    maxWorkers: 4,
    execArgv: [QUICK_WASM],
    projects: [
      // The files of each share the modules of their worker: to load and compile them takes a second of a core.
      { test: { name: 'parts', include: PARTS, isolate: false, ...TIMEOUTS } },
      {
        test: {
          name: 'stories',
          include: ['test/**/*.test.ts'],
          exclude: PARTS,
          isolate: false,
          ...TIMEOUTS,
        },
      },
    ],
  },
})
