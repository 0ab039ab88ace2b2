import { BackspaceError } from '../errors.ts'
import { createRedact, redactDeep } from '../redaction.ts'
import type { Run, RunProgress } from '../runs/run.ts'
import type { RunEventBody } from '../runs/run-event.ts'
import { describeFailure } from './describe-failure.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { createRunStep, type RunStep } from './run-steps.ts'

/** What every step of one run shares. */
export interface RunContext {
  readonly run: Run
  readonly attempt: number
  /** Aborts on cancellation, hand-over, the time limit, and when the log refuses this attempt's events. */
  readonly signal: AbortSignal
  /** Appends an event, masked, in the order of the calls. */
  readonly emit: (body: RunEventBody) => void
  readonly notice: (level: 'info' | 'warning', message: string) => void
  readonly step: RunStep
  /** Resolves when everything that was emitted is stored. */
  flush(): Promise<void>
  /** Masks a secret that was made for this run, from now on. */
  readonly onSecret: (secret: string) => void
  /** Masks every secret known so far. */
  readonly mask: (text: string) => string
  /** The diff of what the agent changed, as it was shown; empty before that. */
  collectedDiff(): string
  /** Of the process and of this run. */
  secrets(): readonly string[]
  /** The home directory in the sandbox is shown as `~`. */
  hideHome(home: string): void
  readonly saveProgress: (patch: RunProgress) => Promise<void>
  /**
   * Asks whether this attempt may begin something outside that cannot be undone; right before it does.
   *
   * @throws {WriteRefused} when another attempt holds the run.
   * @throws {BackspaceError} `cancelled`
   */
  readonly requireHeld: () => Promise<void>
  /** Ends the timer. */
  close(): void
}

/** Installing, checking and publishing come on top of what the agent may take. */
const EXTRA_MINUTES = 20
/** Time counts from when the run first started; one that is taken over late still gets to publish what it has. */
const LAST_MINUTES = 5

export function createRunContext(
  deps: ExecuteRunDeps,
  { run, attempt, signal: stopped }: { run: Run; attempt: number; signal: AbortSignal },
): RunContext {
  const { log, store, limits, now = () => new Date() } = deps
  const stop = new AbortController()
  const minutes = limits.minutes + EXTRA_MINUTES
  const usedMs = run.startedAt === null ? 0 : now().getTime() - run.startedAt.getTime()
  const leftMs = Math.max(minutes * 60_000 - usedMs, LAST_MINUTES * 60_000)
  const timer = setTimeout(() => stop.abort(timeLimit(minutes)), leftMs).unref()
  const known = new Set(deps.secrets)
  let redact = createRedact(known)
  let home: RegExp | undefined
  let diff = ''
  let last: Promise<unknown> = Promise.resolve()

  function onSecret(secret: string): void {
    known.add(secret)
    redact = createRedact(known)
  }

  /** The diff of a change is shown as it is: a file may well be about such a path. */
  function maskEvent(body: RunEventBody): RunEventBody {
    const masked = redactDeep(body, redact)
    if (!home || body.type === 'changes.collected') return masked
    const pattern = home
    return redactDeep(masked, (text) => text.replace(pattern, '~'))
  }

  function emit(body: RunEventBody): void {
    const masked = maskEvent(body)
    if (masked.type === 'changes.collected') diff = masked.diff
    const appended = log.append(run.id, attempt, masked)
    last = appended
    // Whoever can no longer write must not go on working.
    appended.catch((error: unknown) => stop.abort(error))
  }

  const signal = AbortSignal.any([stopped, stop.signal])
  /** What stopped the run is what people want to read, not what broke because of it. */
  const describe = (error: unknown) => describeFailure(signal.aborted ? signal.reason : error, run.id).message

  return {
    run,
    attempt,
    signal,
    emit,
    notice: (level, message) => emit({ type: 'notice', level, message }),
    step: createRunStep({ emit, now, describeFailure: describe }),
    async flush() {
      await last
    },
    onSecret,
    mask: (text) => redact(text),
    collectedDiff: () => diff,
    secrets: () => [...known],
    hideHome(path) {
      home = new RegExp(`${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`, 'g')
    },
    requireHeld: () => store.requireHeld(run.id, attempt),
    saveProgress: (patch) => store.setProgress(run.id, attempt, patch),
    close: () => clearTimeout(timer),
  }
}

function timeLimit(minutes: number): BackspaceError {
  return new BackspaceError(
    'time_limit',
    `The run took longer than ${minutes} minutes and was stopped. Ask for a smaller step, or have BACKSPACE_MAX_MINUTES raised.`,
  )
}
