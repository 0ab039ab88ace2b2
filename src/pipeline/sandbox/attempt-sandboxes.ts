import type { OperatorEgress } from '../../checks/environment/open-hosts.ts'
import type { EgressPolicy, Sandbox, SandboxErrorClass, SandboxProvider } from '../../sandbox/sandbox.ts'
import { SandboxError } from '../../sandbox/sandbox.ts'
import { type Pause, retry } from '../../time/pause.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import { nameMissingServers } from './name-missing-servers.ts'
import { nameRefusedHosts } from './name-refused-hosts.ts'

/**
 * The sandboxes of one attempt. They are kept alive while the attempt works, and die soon after its process does.
 * Disposing ends them, together with a sandbox that an earlier attempt left.
 */
export interface AttemptSandboxes extends AsyncDisposable {
  /**
   * The step `sandbox`: attaches to the earlier sandbox if it still answers, else starts a new one.
   *
   * @throws {SandboxError} `unavailable`, `unreachable`
   */
  open(request: OpenSandboxRequest): Promise<OpenedSandbox>
  /**
   * Pauses the current sandbox for the run that will continue this one, instead of ending it. Call it before the run ends.
   *
   * @returns false if there is no sandbox, or if it cannot be paused; it is then ended as usual.
   */
  pauseUntil(date: Date): Promise<boolean>
  /** Ends the current sandbox to free its place. Call it once its work is stored elsewhere. */
  giveBack(): void
  /** Makes disposing leave the sandboxes alive for the next attempt. */
  handOver(): void
}

export interface OpenSandboxRequest {
  /** The sandbox of an earlier attempt, if its workspace can still be used. */
  readonly earlierId: string | undefined
  /** The egress policy of a new sandbox. */
  readonly egress: EgressPolicy
  /** Called only for a new sandbox. Default: it begins with the operator's template. */
  readonly beginning?: (() => Promise<SandboxBeginning>) | undefined
}

/** What a new sandbox begins with. */
export interface SandboxBeginning {
  readonly snapshotId?: string | undefined
  /** E2B template; undefined for the operator's template. */
  readonly template?: string | undefined
}

export interface OpenedSandbox {
  readonly sandbox: Sandbox
  /** True for the earlier sandbox, whose workspace is as it was left. */
  readonly resumed: boolean
}

/** How long a sandbox outlives its process. Several renewals may fail before the sandbox is lost. */
const LIFE_MS = 5 * 60_000
const RENEW_MS = 60_000
const LOST: readonly SandboxErrorClass[] = ['gone', 'over_limit', 'unreachable']
/** A sandbox that does not answer may still exist, so it is asked again after these waits before it counts as lost. */
const ANSWER_WAITS_MS = [1_000, 3_000, 10_000, 15_000]

interface AttemptSandboxesParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'saveProgress' | 'record'>
  readonly journal: Pick<Journal, 'step' | 'notice' | 'events'>
  /** Shows a home directory as `~` from now on. */
  readonly hideHome: (home: string) => void
  readonly pause: Pause
  /** The hosts that the operator allows, to tell people how a refused host can be opened. */
  readonly operator: OperatorEgress
}

export function createAttemptSandboxes(
  provider: SandboxProvider,
  { attempt, journal, hideHome, pause, operator }: AttemptSandboxesParts,
): AttemptSandboxes {
  const { run, signal } = attempt
  const opened: { readonly sandbox: Sandbox; readonly timer: NodeJS.Timeout }[] = []
  const kind = `${provider.kind === 'e2b' ? 'E2B' : provider.kind} sandbox`
  let handedOver = false
  let paused: string | undefined

  async function attachOrCreate({
    earlierId,
    egress,
    beginning,
  }: OpenSandboxRequest): Promise<OpenedSandbox> {
    const earlier = earlierId && (await attachEarlier(provider, earlierId, (ms) => pause(ms, signal)))
    if (earlier) return { sandbox: earlier, resumed: true }
    const { snapshotId, template } = (await beginning?.()) ?? {}
    const sandbox = await provider.create({
      runId: run.id,
      timeoutMs: LIFE_MS,
      egress,
      snapshotId,
      template,
      signal,
      onWait: (message) => journal.notice('info', message),
    })
    return { sandbox, resumed: false }
  }

  return {
    open: (request) =>
      journal.step('sandbox', 'Starting a sandbox', async () => {
        const { sandbox: opening, resumed } = await attachOrCreate(request)
        const naming = nameRefusedHosts(opening, { journal, operator, egress: request.egress })
        const sandbox = nameMissingServers(naming, journal)
        // If renewals fail, the sandbox is lost, which the next command reports.
        const renew = () => void sandbox.extend(LIFE_MS).catch(() => undefined)
        opened.push({ sandbox, timer: setInterval(renew, RENEW_MS).unref() })
        hideHome(sandbox.home)
        signal.throwIfAborted()
        await attempt.saveProgress({ sandboxId: sandbox.id })
        const facts = { provider: provider.kind, sandbox: sandbox.id, resumed }
        await attempt.record({ kind: 'sandbox.opened', facts })
        return {
          value: { sandbox, resumed },
          message: resumed ? `Went on in the same ${kind}` : `Started ${kind}`,
        }
      }),
    async pauseUntil(date) {
      const last = opened.at(-1)
      if (!last?.sandbox.pause) return false
      clearInterval(last.timer) // A renewal would wake the sandbox.
      try {
        await last.sandbox.pause()
        await attempt.saveProgress({ pausedUntil: date.toISOString() })
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error
        return false
      }
      paused = last.sandbox.id
      return true
    },
    giveBack() {
      for (const { sandbox, timer } of opened) {
        clearInterval(timer)
        // A sandbox that cannot be ended now dies within minutes.
        void sandbox.kill().catch(() => undefined)
      }
    },
    handOver() {
      handedOver = true
    },
    async [Symbol.asyncDispose]() {
      for (const { timer } of opened) clearInterval(timer)
      if (handedOver) return
      const ends = opened.filter(({ sandbox }) => sandbox.id !== paused).map(({ sandbox }) => sandbox.kill())
      // A dead attempt may have left a sandbox that this attempt did not use.
      const { sandboxId } = run.progress
      const isOpen = opened.some(({ sandbox }) => sandbox.id === sandboxId)
      if (sandboxId !== undefined && !isOpen) ends.push(provider.kill(sandboxId))
      // A sandbox that cannot be ended now dies within minutes.
      await Promise.all(ends.map((end) => end.catch(() => undefined)))
    },
  }
}

async function attachEarlier(
  provider: SandboxProvider,
  id: string,
  pause: (ms: number) => Promise<void>,
): Promise<Sandbox | undefined> {
  async function attach(): Promise<Sandbox> {
    const sandbox = await provider.attach(id)
    await sandbox.extend(LIFE_MS)
    return sandbox
  }
  const mayPass = (error: unknown) => isLost(error) && error.class === 'unreachable'
  return retry(attach, { waitsMs: ANSWER_WAITS_MS, mayPass, pause }).catch((error: unknown) => {
    if (isLost(error)) return undefined
    throw error
  })
}

/** True when the sandbox is gone, exceeded a limit, or does not answer. */
export function isLost(error: unknown): error is SandboxError {
  return error instanceof SandboxError && LOST.includes(error.class)
}
