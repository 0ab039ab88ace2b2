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
  /** Begins in the background, unless these files are being verified already. A verification of other files is given up. */
  begin(request: VerifyRequest): void
  /**
   * The step `verify`. Continues a verification of the same bytes that `begin` started.
   *
   * @param addDifferences adds checks that end differently in the agent's workspace.
   * @throws only errors that end the run, or that say that it goes on elsewhere.
   */
  verify(request: VerifyRequest, addDifferences: AddDifferences): Promise<Verified>
  /** The step `verify` for a change that cannot be verified. @param reason a sentence for people. */
  decline(request: Pick<VerifyRequest, 'from' | 'mode'>, reason: string): Promise<Verified>
}

export type AddDifferences = (verified: Verified) => Promise<Verified>

interface VerifierParts extends Omit<VerifyChangeParts, 'onWait'> {
  readonly attempt: Pick<Attempt, 'signal' | 'verifyMs'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  /** Ends the agent's sandbox, whose work is in the checkpoint. Called when the verification would have to wait for a sandbox. */
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
    // A failure in the background is handled where the result is awaited, if it ever is.
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
