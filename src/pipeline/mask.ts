import { maskBounded } from '../agent/mask-bounded.ts'
import type { RunEventBody } from '../runs/run-event.ts'
import { createFindKnown, findKnownOf } from '../secrets/known-values.ts'
import { type Redact, redactBy, redactDeep, redactFound } from '../secrets/redact.ts'
import { mapTexts } from '../text/map-texts.ts'
import { inTurns, type Pieces } from '../time/pieces.ts'

/** Hides what a run must not show: secrets, and where on this machine its sandbox lives. */
export interface Mask {
  /** Masks one more secret from now on. */
  readonly hide: (secret: string) => void
  /** The home directory in a sandbox is shown as `~`. */
  readonly hideHome: (home: string) => void
  readonly text: Redact
  /** An event may hold text of hundreds of kilobytes: other work goes on in between. */
  readonly event: (body: RunEventBody) => Promise<RunEventBody>
  /** Every secret known so far: those of the process, and those made for this run. */
  readonly secrets: () => readonly string[]
  /** How many texts so far had something to mask. */
  readonly masked: () => number
}

/** @param secrets every credential of this process, one list for all its runs. */
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
      // Only the few secrets of this run are prepared again: a private key alone takes longer than all of them.
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
      // A diff is shown as it is: a changed file may well contain such a path.
      if (!home || body.type === 'changes.collected') return shown
      const pattern = home
      return redactDeep(shown, (text) => text.replace(pattern, '~'))
    },
    secrets: () => [...secrets, ...learnt],
    masked: () => masked,
  }
}
