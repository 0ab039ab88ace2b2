import { knownError } from '../../errors.ts'
import type { Pause } from '../../github/pause.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'

/** Something that may happen once per run. */
export interface Deed<T> {
  /** `branch`, `pull_request` … */
  readonly name: string
  /** What came of an earlier try; undefined when nothing did. */
  readonly lookUp: () => Promise<T | undefined>
  /** Does it; a `conflict` or `github_unavailable` that it throws is looked into. */
  readonly act: () => Promise<T>
  /** When GitHub does not answer, the waits before it is asked again, in milliseconds; default: a minute and a half together. */
  readonly waitsMs?: readonly number[]
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

const WAITS_MS = [1_000, 5_000, 15_000, 60_000]

export function createDoOnce(deps: DoOnceDeps): DoOnce {
  const { effects, runId, attempt, requireHeld } = deps
  return async <T>({ name, lookUp, act, waitsMs = WAITS_MS }: Deed<T>): Promise<T> => {
    await requireHeld()
    const holder = crypto.randomUUID()
    // Whoever holds the run need not wait: earlier attempts can do no more than what is looked for.
    const intended = await effects.intend({ runId, name, holder, attempt, staleAfterMs: 0 })
    // Written by this function under this name.
    if (intended.state === 'done') return intended.result as T
    if (intended.state === 'held') throw new WriteRefused('stale_attempt', runId)
    const result = await doSurely(deps, {
      ...{ lookUp, act, waitsMs, uncertain: intended.state === 'taken_over' },
    })
    await effects.done({ runId, name, holder }, result)
    return result
  }
}

async function doSurely<T>(
  { requireHeld, pause, signal }: DoOnceDeps,
  { lookUp, act, waitsMs, uncertain }: Required<Omit<Deed<T>, 'name'>> & { readonly uncertain: boolean },
): Promise<T> {
  let mayBeDone = uncertain
  for (let tries = 0; ; tries++) {
    try {
      const found = mayBeDone ? await lookUp() : undefined
      return found ?? (await act())
    } catch (error) {
      const code = knownError(error)?.code
      const waitMs = waitsMs[tries]
      if (code === 'conflict') {
        const found = await lookUp()
        if (found !== undefined) return found
      }
      if (code !== 'github_unavailable' || waitMs === undefined) throw error
      mayBeDone = true
      await pause(waitMs, signal)
      await requireHeld()
    }
  }
}
