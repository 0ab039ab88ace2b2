import type { Agent, AgentLimits } from '../agent/agent.ts'
import { BackspaceError } from '../errors.ts'
import type { GitHubAccess, RepositoryAccess } from '../github/github-access.ts'
import { createRedact, redactDeep } from '../redaction.ts'
import type { RunLog } from '../runs/log/run-log.ts'
import type { NoteStore } from '../runs/notes/note-store.ts'
import type { Run, RunProgress } from '../runs/run.ts'
import type { RunEventBody, Step } from '../runs/run-event.ts'
import type { EffectStore } from '../runs/store/effect-store.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import type { Pause } from '../time/pause.ts'
import type { ProgressReporter } from './report/report-progress.ts'
import { describeFailure } from './run-report.ts'
import type { HostEnvironment } from './workspace/upload-repository.ts'

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

/** What carrying a run to its end needs of the rest of the product. */
export interface ExecuteRunDeps {
  readonly store: RunStore
  readonly log: RunLog
  readonly effects: EffectStore
  /** What people add to a run under way. */
  readonly notes: Pick<NoteStore, 'waiting'>
  readonly github: GitHubAccess
  readonly sandboxes: SandboxProvider
  /** The agent for a run, and for the dummy agent why no model is used, one line per provider. */
  readonly agentFor: (run: Run) => Promise<{ readonly agent: Agent; readonly whyNoModel: readonly string[] }>
  readonly reporter: Pick<ProgressReporter, 'conclude'>
  readonly limits: AgentLimits
  /** Hosts that code in the sandbox may reach. */
  readonly egressHosts: readonly string[]
  /** Every credential of this process, for masking and for the gate. */
  readonly secrets: readonly string[]
  /** `https://github.com`, or the Enterprise Server's address. */
  readonly webUrl: string
  readonly runUrl: (runId: string) => string
  readonly langsmithEnabled: boolean
  /** Told of failures that nobody foresaw. */
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  readonly now?: () => Date
  readonly pause?: Pause
  /** What git on the host is run with; default: the usual directories as `PATH`. */
  readonly hostEnvironment?: HostEnvironment
}

/** What a step's work hands back: its value, and what happened in one line with facts. */
interface StepResult<T> {
  readonly value: T
  readonly message: string
  /** `skipped` when there was nothing to do, `failed` when it went wrong but the run goes on. */
  readonly status?: 'ok' | 'skipped' | 'failed'
}

/** Does a step's work between its two events; what it throws ends the step as failed and is thrown on. */
export type RunStep = <T>(name: Step, starting: string, work: () => Promise<StepResult<T>>) => Promise<T>

function createRunStep({
  emit,
  now,
  describeFailure,
}: {
  readonly emit: (body: RunEventBody) => void
  readonly now: () => Date
  /** One line for people about what was thrown. */
  readonly describeFailure: (error: unknown) => string
}): RunStep {
  return async (name, starting, work) => {
    const startedAt = now().getTime()
    const durationMs = () => Math.max(0, now().getTime() - startedAt)
    emit({ type: 'step.started', step: name, message: starting })
    try {
      const { value, message, status = 'ok' } = await work()
      emit({ type: 'step.finished', step: name, status, message, durationMs: durationMs() })
      return value
    } catch (error) {
      const message = describeFailure(error)
      emit({ type: 'step.finished', step: name, status: 'failed', message, durationMs: durationMs() })
      throw error
    }
  }
}

/**
 * The repository of a run as it stands now: under its present name, or why it cannot be reached.
 *
 * @throws {BackspaceError} `not_installed`, `repository_not_found`, `unauthorized`, `github_unavailable` …
 */
export async function reachRepository(
  { github }: Pick<ExecuteRunDeps, 'github'>,
  { request: { repository, installationId } }: Pick<Run, 'request'>,
): Promise<RepositoryAccess> {
  return github.repository({ ...repository, ...(installationId === undefined ? {} : { installationId }) })
}
