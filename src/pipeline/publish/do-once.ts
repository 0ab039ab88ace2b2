import { knownError } from '../../errors.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { Pause } from '../../time/pause.ts'
import type { Attempt } from '../attempt.ts'

/** An outside effect that may happen only once per run. */
interface Effect<T> {
  /** `branch`, `pull_request` … */
  readonly name: string
  /** Finds what an earlier try made; undefined when it made nothing. */
  readonly lookUp: () => Promise<T | undefined>
  /** Causes the effect. It is called again when GitHub does not answer, or does not yet see what was made just before. */
  readonly act: () => Promise<T>
  /** False for an optional extra, for which GitHub is asked only once. Default: true. */
  readonly patient?: boolean
}

/**
 * Stores the intent, causes the effect, and stores the result. The effect of an earlier try is found instead of repeated,
 * whether that try stored its result, died before it could, or never got GitHub's answer.
 *
 * @throws {WriteRefused} when this attempt no longer holds the run, or a person stopped the run; nothing is done then.
 */
export type DoOnce = <T>(effect: Effect<T>) => Promise<T>

interface DoOnceParts {
  readonly effects: Pick<EffectStore, 'intend' | 'done'>
  readonly attempt: Pick<Attempt, 'run' | 'number' | 'signal' | 'requireHeld'>
  readonly pause: Pause
}

/** Milliseconds between tries when GitHub does not answer, about a minute and a half in total. */
const OUTAGE_MS = [1_000, 5_000, 15_000, 60_000]
/**
 * Milliseconds between tries when GitHub refuses because it does not see an earlier write of ours yet. Its parts take some
 * seconds to agree, so a new commit, branch or pull request may be unknown to the next request.
 */
const UNSETTLED_MS = [1_000, 3_000, 10_000]

export function createDoOnce({ effects, attempt, pause }: DoOnceParts): DoOnce {
  const runId = attempt.run.id
  return async ({ name, lookUp, act, patient = true }) => {
    await attempt.requireHeld()
    const holder = crypto.randomUUID()
    // There is no need to wait for an earlier attempt: it no longer holds the run, and its effect will be looked up.
    const intended = await effects.intend({ runId, name, holder, attempt: attempt.number, staleAfterMs: 0 })
    // Written by this function under this name.
    if (intended.state === 'done') return intended.result as Awaited<ReturnType<typeof act>>
    if (intended.state === 'held') throw new WriteRefused('stale_attempt', runId)
    const mayBeDone = intended.state === 'taken_over'
    const result = await actOrFind({ lookUp, act, patient }, { mayBeDone, attempt, pause })
    await effects.done({ runId, name, holder }, result)
    return result
  }
}

async function actOrFind<T>(
  { lookUp, act, patient }: Omit<Effect<T>, 'name'>,
  { mayBeDone, attempt, pause }: Pick<DoOnceParts, 'attempt' | 'pause'> & { readonly mayBeDone: boolean },
): Promise<T> {
  const waits = { outage: [...OUTAGE_MS], unsettled: [...UNSETTLED_MS] }
  for (let lookFirst = mayBeDone; ; lookFirst = true) {
    try {
      const found = lookFirst ? await lookUp() : undefined
      return found ?? (await act())
    } catch (error) {
      const kind = patient ? temporaryTrouble(error) : undefined
      const waitMs = kind && waits[kind].shift()
      if (waitMs === undefined) throw error
      await pause(waitMs, attempt.signal)
      await attempt.requireHeld()
    }
  }
}

/** Why another try may succeed; undefined when it will not. Only GitHub's answers are retried, not Backspace's own refusals. */
function temporaryTrouble(error: unknown): 'outage' | 'unsettled' | undefined {
  const known = knownError(error)
  if (known?.facts.status === undefined) return undefined
  if (known.code === 'github_unavailable') return 'outage'
  const unsettled = ['conflict', 'not_found', 'head_moved'].includes(known.code)
  return unsettled ? 'unsettled' : undefined
}
