import { verdictOf } from '../../runs/summary/verdict.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import { changeKey } from './kept-parts.ts'
import {
  declined,
  type Verified,
  type VerifyChangeParts,
  type VerifyRequest,
  verifyChange,
} from './verify-change.ts'

/** Verifies the change of one run. */
export interface Verifier extends AsyncDisposable {
  /** Begins in the background, if this state is not being verified already; what another state began is given up. */
  begin(request: VerifyRequest): void
  /**
   * The step `verify`. Goes on with what was begun for the same bytes.
   *
   * @param addDifferences says where the agent's workspace and the clean sandbox disagree.
   * @throws only what ends the run, or says that it goes on elsewhere.
   */
  verify(request: VerifyRequest, addDifferences: AddDifferences): Promise<Verified>
  /** The step `verify`, for what cannot be verified; the reason is a sentence for people. */
  decline(request: Pick<VerifyRequest, 'from' | 'mode'>, reason: string): Promise<Verified>
}

export type AddDifferences = (verified: Verified) => Promise<Verified>

interface VerifierParts extends Omit<VerifyChangeParts, 'onWait'> {
  readonly attempt: Pick<Attempt, 'signal' | 'verifyMs'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  /** Makes room: gives the agent's sandbox back, whose work is in the checkpoint. Called when a sandbox must be waited for. */
  readonly giveBack: () => void
}

interface UnderWay {
  readonly key: string
  readonly stop: AbortController
  readonly result: Promise<Verified>
}

export function createVerifier({ attempt, journal, giveBack, ...parts }: VerifierParts): Verifier {
  let current: UnderWay | undefined
  let isAwaited = false
  let isWaiting = false

  function onWait(message: string): void {
    journal.notice('info', message)
    isWaiting = true
    if (isAwaited) giveBack()
  }

  async function run(request: VerifyRequest, stop: AbortController): Promise<Verified> {
    const endsAt = performance.now() + attempt.verifyMs()
    const leftMs = () => Math.max(0, endsAt - performance.now())
    const signal = AbortSignal.any([attempt.signal, stop.signal])
    return await verifyChange(request, { signal, leftMs }, { ...parts, onWait })
  }

  function start(request: VerifyRequest): UnderWay {
    const key = changeKey(request.from.base.sha, request.files)
    if (current?.key === key) return current
    current?.stop.abort(new Error('the change is another one now'))
    const stop = new AbortController()
    const result = run(request, stop)
    // What fails in the background is looked at when it is awaited, if ever.
    result.catch(() => undefined)
    current = { key, stop, result }
    return current
  }

  function step(work: () => Promise<Verified>): Promise<Verified> {
    return journal.step('verify', 'Verifying the change in a clean sandbox', async () => {
      const value = await work()
      const { verification, after } = value
      journal.emit({ type: 'checks.finished', phase: 'after', results: after })
      journal.emit({ type: 'verification.finished', verification })
      const { tone, line } = verdictOf(verification)
      return { value, message: line, status: tone === 'neutral' ? 'skipped' : 'ok' }
    })
  }

  return {
    begin(request) {
      start(request)
    },
    verify: (request, addDifferences) =>
      step(async () => {
        isAwaited = true
        const { result } = start(request)
        if (isWaiting) giveBack()
        return await addDifferences(await result)
      }),
    decline: (request, reason) => step(async () => declined(request, reason)),
    async [Symbol.asyncDispose]() {
      current?.stop.abort(new Error('the run is over'))
      await current?.result.catch(() => undefined)
    },
  }
}
