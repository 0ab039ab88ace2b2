import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { postgresBinaries } from '../support/postgres.ts'
import { summary } from './report.ts'
import { runChaos } from './run-chaos.ts'
import type { RoundPlan } from './run-round.ts'
import { total } from './tally.ts'

const SEED = 3

/** One short round; `npm run chaos` makes as many as there is time for. */
const PLAN: RoundPlan = {
  requests: 3,
  points: 2,
  blows: 1,
  outsideFaults: 3,
  cancels: 1,
  databaseRestart: 1,
  spreadMs: 4_000,
  // A comment that a killed process did not write is written up to two minutes after the end of its run.
  patienceMs: 200_000,
}

describe.each([
  { kind: 'pglite', missing: false },
  { kind: 'postgres', missing: postgresBinaries() === undefined },
] as const)('on $kind', ({ kind, missing }) => {
  test.skipIf(missing)(
    'nothing is lost or doubled while processes die and others fail',
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'backspace-chaos-'))
      const { signal } = new AbortController()
      const lines: string[] = [`seed ${SEED}`]
      const print = (text: string) => void lines.push(text)
      const run = { kind, seed: SEED, directory, plan: PLAN, signal, print, awaitSweep: false }
      const tally = await runChaos({ ...run, maxRounds: 1, until: Number.POSITIVE_INFINITY }).finally(() =>
        rm(directory, { recursive: true, force: true }),
      )

      if (!tally) throw new Error('the back end is not there')
      expect(tally.violations, `${lines.join('\n')}\n${summary(tally)}`).toEqual([])
      expect(total(tally.counts.ends)).toBeGreaterThanOrEqual(PLAN.requests)
      expect(total(tally.counts.faults)).toBeGreaterThanOrEqual(PLAN.outsideFaults)
    },
    330_000,
  )
})
