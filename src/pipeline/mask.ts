import { maskBounded } from '../agent/mask-bounded.ts'
import type { RunEventBody } from '../runs/run-event.ts'
import { createFindKnown, findKnownOf } from '../secrets/known-values.ts'
import { type Redact, redactBy, redactDeep, redactFound } from '../secrets/redact.ts'
import { mapTexts } from '../text/map-texts.ts'
import { inTurns, type Pieces } from '../time/pieces.ts'

/** Hides what a run must not show: secrets, and the host path of its sandbox. */
export interface Mask {
  /** Masks another secret from now on. */
  readonly hide: (secret: string) => void
  /** From now on, shows this home directory of a sandbox as `~`. */
  readonly hideHome: (home: string) => void
  readonly text: Redact
  /** Masks an event. Its texts may have hundreds of kilobytes, so other work goes on in between. */
  readonly event: (body: RunEventBody) => Promise<RunEventBody>
  /** Every secret known so far: those of the process, and those made for this run. */
  readonly secrets: () => readonly string[]
  /** How many texts were changed by masking so far. */
  readonly masked: () => number
}

/** @param secrets every credential of this process; all runs share the list. */
export function createMask(secrets: readonly string[]): Mask {
  const findOwn = findKnownOf(secrets)
  const learnt = new Set<string>()
  let redact = redactFound(findOwn)
  const homes = new Set<string>()
  let home: RegExp | undefined
  let masked = 0

  function* show(text: string): Pieces<string> {
    const shown = yield* redact.inPieces(text)
    if (shown !== text) masked += 1
    return shown
  }

  return {
    hide(secret) {
      if (learnt.has(secret) || secrets.includes(secret)) return
      learnt.add(secret)
      // Only this run's few secrets are prepared again, since the process's private key alone takes longer than all of them.
      const findLearnt = createFindKnown(learnt)
      redact = redactFound((text) => [...findOwn(text), ...findLearnt(text)])
    },
    hideHome(path) {
      homes.add(path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      home = new RegExp(`(?:${[...homes].join('|')})(?![\\w.-])`, 'g')
    },
    text: redactBy(show),
    async event(body) {
      const shown = await inTurns(maskBounded(body, (event) => mapTexts(event, show)))
      // A diff keeps such paths, since a changed file may really contain one.
      if (!home || body.type === 'changes.collected') return shown
      const pattern = home
      return redactDeep(shown, (text) => text.replace(pattern, '~'))
    },
    secrets: () => [...secrets, ...learnt],
    masked: () => masked,
  }
}
