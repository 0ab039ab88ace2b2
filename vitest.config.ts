import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification, type Vite } from 'vitest/node'
import { QUICK_WASM } from './test/support/quick-wasm.ts'

/** What takes longest begins first; the default begins with the largest files, and would wait for these alone. */
const LONGEST = [
  'evaluation/proof/oracles',
  'evaluation/oracle',
  'linear/',
  'chaos/chaos',
  'redteam/',
  'deploy/vercel',
  'checks/toolchains',
  'web/pages/every-page',
  'pipeline/take-over',
  'scenarios/every-way-in-each-sandbox',
  'scenarios/starting-and-stopping',
  'commands/backup',
  'scenarios/no-credential-leaks',
  'scenarios/stopping-for-good',
  'runs/queue/takeover',
  'upgrade/',
  'scenarios/verification',
  'pipeline/tokens-die',
  'pipeline/verify/',
  'evaluation/',
  'demo/',
  'scenarios/',
  'pipeline/',
  'commands/',
  'runs/queue/',
  'sandbox/',
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

/** Dependencies are those builds that the service runs too, not those with assertions for their authors. */
const AS_IN_SERVICE: Vite.Plugin = {
  name: 'as-in-service',
  configResolved({ ssr }) {
    if (ssr.resolve)
      ssr.resolve.conditions = ssr.resolve.conditions?.filter((name) => !/^development/.test(name)) ?? []
  },
}

export default defineConfig({
  plugins: [AS_IN_SERVICE],
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    // Much of what is tested waits for processes and for time to pass, so five workers keep two cores busy.
    maxWorkers: 5,
    // The files of each share the modules and the PostgreSQL of their worker: to start both takes seconds of a core.
    isolate: false,
    // Stories leave much behind at once: V8 looks for it less often where there is room for more, young and old.
    execArgv: [
      QUICK_WASM,
      '--max-semi-space-size=64',
      '--initial-old-space-size=512',
      '--heap-growing-percent=400',
    ],
    include: ['test/**/*.test.ts'],
    // Whole stories with real processes, on machines that others use too.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // The default of a second is less than a busy machine may need to start a process.
    expect: { poll: { timeout: 120_000 } },
  },
})
