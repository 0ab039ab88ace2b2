import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts'
import type { Attempt } from '../attempt.ts'
import type { OpenSandboxRequest, SandboxBeginning } from './attempt-sandboxes.ts'

/**
 * Sandboxes of a run that no agent ever enters. Disposing of one ends it in the background. Disposing of all waits until
 * they have ended. If the process dies, they die soon after.
 */
export interface CleanSandboxes extends AsyncDisposable {
  /**
   * @throws {SandboxError} `unavailable`, `unreachable`
   * @throws {WriteRefused} when this attempt no longer holds the run.
   */
  open(request: CleanSandboxRequest): Promise<CleanSandbox>
}

interface CleanSandboxRequest extends Pick<OpenSandboxRequest, 'egress'>, SandboxBeginning {
  readonly signal: AbortSignal
  /** Called with a sentence for people, once for each reason to wait. */
  readonly onWait: (message: string) => void
}

interface CleanSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox
}

const LIFE_MS = 5 * 60_000
const RENEW_MS = 60_000

/** @param parts.hideHome shows a home directory as `~` from now on. */
export function createCleanSandboxes(
  provider: Pick<SandboxProvider, 'create' | 'kill'>,
  {
    attempt: { run, saveProgress },
    hideHome,
  }: { readonly attempt: Pick<Attempt, 'run' | 'saveProgress'>; readonly hideHome: (home: string) => void },
): CleanSandboxes {
  const open = new Set<string>()
  const ending = new Set<Promise<void>>()
  /** Sandboxes of a dead attempt, which are ended when this attempt opens its first one. */
  let left = run.progress.rooms ?? []
  let saved: Promise<unknown> = Promise.resolve()

  /** Stores the ids of open sandboxes, so that the sweep spares them and the next attempt ends them. Writes are in order. */
  function save(): Promise<unknown> {
    saved = saved.catch(() => undefined).then(() => saveProgress({ rooms: [...open] }))
    return saved
  }

  return {
    async open({ signal, ...request }) {
      const ended = left.map((id) => provider.kill(id).catch(() => undefined))
      left = []
      await Promise.all(ended)
      const sandbox = await provider.create({ ...request, runId: run.id, timeoutMs: LIFE_MS, signal })
      const renew = () => void sandbox.extend(LIFE_MS).catch(() => undefined)
      const timer = setInterval(renew, RENEW_MS).unref()
      open.add(sandbox.id)
      hideHome(sandbox.home)
      async function end(): Promise<void> {
        clearInterval(timer)
        open.delete(sandbox.id)
        // A sandbox that cannot be ended now dies within minutes.
        await sandbox.kill().catch(() => undefined)
      }
      try {
        await save()
        signal.throwIfAborted()
      } catch (error) {
        await end()
        throw error
      }
      return {
        sandbox,
        async [Symbol.asyncDispose]() {
          const ended = end()
          ending.add(ended)
          void ended.then(() => ending.delete(ended))
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ending)
    },
  }
}
