import { knownError } from '../../errors.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { Pause } from '../../time/pause.ts'

/** Something that may happen once per run. */
export interface Deed<T> {
  /** `branch`, `pull_request` … */
  readonly name: string
  /** What came of an earlier try; undefined when nothing did. */
  readonly lookUp: () => Promise<T | undefined>
  /** Does it; when GitHub does not answer it, or does not know yet what was made just before, it is tried again. */
  readonly act: () => Promise<T>
  /** False for what may as well be missing: GitHub is asked once. Default true. */
  readonly patient?: boolean
}

/**
 * Intends, does, remembers. What an earlier try did is found instead of done again, whether it said so, died before
 * it could, or GitHub's answer was lost on the way.
 *
 * @throws {WriteRefused} when this attempt no longer holds the run, or somebody asked it to stop: nothing is done then.
 */
export type DoOnce = <T>(deed: Deed<T>) => Promise<T>

export interface DoOnceDeps {
  readonly effects: Pick<EffectStore, 'intend' | 'done'>
  readonly runId: string
  readonly attempt: number
  /** Throws unless this attempt may have effects. */
  readonly requireHeld: () => Promise<void>
  readonly pause: Pause
  readonly signal: AbortSignal
}

/** When GitHub does not answer, in milliseconds; a minute and a half together. */
const OUTAGE_MS = [1_000, 5_000, 15_000, 60_000]
/**
 * When GitHub refuses by what it does not see yet: its parts agree with each other some seconds after a write. A
 * commit, branch or pull request that is there may be unknown to the request that needs it, and to a look-up.
 */
const UNSETTLED_MS = [1_000, 3_000, 10_000]

export function createDoOnce(deps: DoOnceDeps): DoOnce {
  const { effects, runId, attempt, requireHeld } = deps
  return async <T>({ name, lookUp, act, patient = true }: Deed<T>): Promise<T> => {
    await requireHeld()
    const holder = crypto.randomUUID()
    // Whoever holds the run need not wait: earlier attempts can do no more than what is looked for.
    const intended = await effects.intend({ runId, name, holder, attempt, staleAfterMs: 0 })
    // Written by this function under this name.
    if (intended.state === 'done') return intended.result as T
    if (intended.state === 'held') throw new WriteRefused('stale_attempt', runId)
    const result = await doSurely(deps, {
      ...{ lookUp, act, patient, uncertain: intended.state === 'taken_over' },
    })
    await effects.done({ runId, name, holder }, result)
    return result
  }
}

async function doSurely<T>(
  { requireHeld, pause, signal }: DoOnceDeps,
  { lookUp, act, patient, uncertain }: Required<Omit<Deed<T>, 'name'>> & { readonly uncertain: boolean },
): Promise<T> {
  const waits = { outage: [...OUTAGE_MS], unsettled: [...UNSETTLED_MS] }
  for (let mayBeDone = uncertain; ; mayBeDone = true) {
    try {
      const found = mayBeDone ? await lookUp() : undefined
      return found ?? (await act())
    } catch (error) {
      const kind = patient ? passingTrouble(error) : undefined
      const waitMs = kind && waits[kind].shift()
      if (waitMs === undefined) throw error
      await pause(waitMs, signal)
      await requireHeld()
    }
  }
}

/** Only what GitHub itself said: what was found out by looking stands. */
function passingTrouble(error: unknown): 'outage' | 'unsettled' | undefined {
  const known = knownError(error)
  if (known?.facts.status === undefined) return undefined
  if (known.code === 'github_unavailable') return 'outage'
  const unsettled = ['conflict', 'not_found', 'head_moved'].includes(known.code)
  return unsettled ? 'unsettled' : undefined
}
