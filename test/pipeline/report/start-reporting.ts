import { onTestFinished } from 'vitest'
import {
  createProgressReporter,
  type ProgressReporter,
} from '../../../src/pipeline/report/report-progress.ts'
import type { ThreadReport } from '../../../src/pipeline/run-report.ts'
import type { RunRequest } from '../../../src/runs/run.ts'
import { createEffectStore } from '../../../src/runs/store/effect-store.ts'
import { NO_TOTALS, onIssue, startRuns, type TestRuns } from '../../runs/start-runs.ts'
import { REPO, type ReportWorld } from './report-world.ts'

export interface Reporting {
  readonly runs: TestRuns
  readonly reporter: ProgressReporter
  readonly errors: unknown[]
  readonly number: number
  readonly request: RunRequest
  /** A second process on the same database. */
  another(): ProgressReporter
}

interface ReportingOptions {
  readonly editIntervalMs?: number
}

const SAID = { message: 'Answered', text: 'It is **42**.' }
export const ANSWER: ThreadReport = { status: 'succeeded', outcome: 'answer', totals: NO_TOTALS, ...SAID }

/** What the tests of a file report with, and look at. */
export function reportingIn(world: () => ReportWorld) {
  /** What one process tells about the runs of a database. */
  function reporterOf(
    runs: Pick<TestRuns, 'store' | 'log'>,
    errors: unknown[],
    options: ReportingOptions = {},
  ): ProgressReporter {
    const reporter = createProgressReporter({
      github: world().access(),
      ...{ store: runs.store, effects: createEffectStore(world().db), log: runs.log },
      runUrl: (id) => `http://here/runs/${id}`,
      similar: async () => ({
        kind: 'issue',
        runs: 31,
        ms: { from: 360_000, to: 840_000 },
        usd: { from: 0.4, to: 1.1 },
      }),
      onError: (error) => errors.push(error),
      editIntervalMs: 20,
      ...options,
    })
    onTestFinished(() => reporter.close())
    return reporter
  }

  /** A run that ada asked for in a comment on a new issue, with 👀 on it. */
  async function startReporting(options: ReportingOptions = {}): Promise<Reporting> {
    const { db, github } = world()
    const runs = await startRuns(db)
    const { number } = await github.openIssue({ repo: REPO, author: 'ada', title: 'A bug' })
    const asked = await github.comment({ repo: REPO, number, author: 'ada', body: '/backspace fix it' })
    const errors: unknown[] = []
    const another = () => reporterOf(runs, errors, options)
    const comment = { id: asked.id, kind: 'issue_comment', url: asked.htmlUrl } as const
    const request = onIssue(number, { comment })
    return { runs, reporter: another(), errors, number, request, another }
  }

  /** Our comments in a thread. */
  function ours(number: number, repo = REPO) {
    return world()
      .github.comments(repo, number)
      .filter(({ author }) => author === 'backspace[bot]')
  }

  function shows(number: number, text: string): Promise<string> {
    return world().github.waitFor(() => ours(number).find(({ body }) => body.includes(text))?.body)
  }

  return { reporterOf, startReporting, ours, shows }
}
