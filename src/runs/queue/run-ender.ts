import { type RunLog, readEvents } from '../log/run-log.ts'
import type { Run } from '../run.ts'
import { runEnd, type TerminalEvent, terminalBody, terminalEventOf } from '../run-end.ts'
import type { RunTotals } from '../run-event.ts'
import type { RunStore } from '../store/run-store.ts'
import { runTotals } from '../summary/run-totals.ts'

/** Ends runs that their pipeline does not end. Every write carries `run.attempt`. */
export interface RunEnder {
  /**
   * Appends the terminal event and records the end.
   *
   * @throws {WriteRefused} when another attempt holds the run, or it has ended.
   */
  end(run: Run, body: EndBody): Promise<void>
  /**
   * Records the end of a run whose terminal event is written, because its worker died in between.
   *
   * @returns false when there is no such event.
   * @throws {WriteRefused}
   */
  mend(run: Run): Promise<boolean>
  /**
   * The other way round: appends the terminal event of a run whose end is recorded, as that says.
   *
   * @returns false when it has no end.
   * @throws {WriteRefused} when there is such an event.
   */
  tell(run: Run): Promise<boolean>
}

export type EndBody =
  | { readonly type: 'run.cancelled'; readonly message: string }
  | { readonly type: 'run.failed'; readonly code: string; readonly message: string }

export interface RunEnderDeps {
  readonly store: Pick<RunStore, 'finish'>
  readonly log: Pick<RunLog, 'append' | 'read'>
  readonly now: () => Date
  readonly langsmithEnabled: boolean
}

export function createRunEnder({ store, log, now, langsmithEnabled }: RunEnderDeps): RunEnder {
  async function record(run: Run, event: TerminalEvent): Promise<void> {
    const { status, result } = runEnd(event)
    await store.finish(run.id, run.attempt, status, result)
  }

  async function totalsOf(run: Run, endedAt: Date): Promise<RunTotals> {
    return runTotals(await readEvents(log, run.id), { endedAt, langsmithEnabled })
  }

  return {
    async end(run, body) {
      const event = { ...body, totals: await totalsOf(run, now()) }
      await log.append(run.id, run.attempt, event)
      await record(run, event)
    },
    async mend(run) {
      const event = terminalEventOf(await readEvents(log, run.id))
      if (event !== undefined) await record(run, event)
      return event !== undefined
    },
    async tell(run) {
      if (run.result === null) return false
      const totals = await totalsOf(run, run.finishedAt ?? now())
      await log.append(run.id, run.attempt, { ...terminalBody(run.result), totals })
      return true
    },
  }
}
