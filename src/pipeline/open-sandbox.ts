import { type EgressPolicy, type Sandbox, SandboxError, type SandboxProvider } from '../sandbox/sandbox.ts'

/** A sandbox that is kept alive while this process works with it, and dies soon after the process does. */
export interface OpenSandbox {
  readonly sandbox: Sandbox
  /** True when it is the one of before, with the workspace as it was left. */
  readonly resumed: boolean
  /** Stops keeping it alive, and ends it unless another attempt goes on with it. */
  close(options: { readonly handOver: boolean }): Promise<void>
}

export interface OpenSandboxRequest {
  readonly runId: string
  /** The sandbox of before, when its workspace can be used. */
  readonly earlierId: string | undefined
  /** Of a new sandbox. */
  readonly egress: EgressPolicy
  /** Waits between two looks for a sandbox that does not answer. */
  readonly pause: (ms: number) => Promise<void>
  /** Stops the wait for a new one. */
  readonly signal: AbortSignal
  /** Told why a new one takes longer: for people. */
  readonly onWait: (message: string) => void
}

/** A sandbox whose worker died lives on so long; several renewals may fail before one is lost. */
const LIFE_MS = 5 * 60_000
const RENEW_MS = 60_000
/** One that does not answer may be there all the same; it is not given up at once. */
const ANSWER_WAITS_MS = [1_000, 3_000, 10_000]

/**
 * The sandbox of before when there still is one that answers, else a new one.
 *
 * @throws {SandboxError} `unavailable`, `unreachable`
 */
export async function openSandbox(
  provider: SandboxProvider,
  { earlierId, pause, ...wanted }: OpenSandboxRequest,
): Promise<OpenSandbox> {
  const earlier = earlierId === undefined ? undefined : await attachEarlier(provider, earlierId, pause)
  const sandbox = earlier ?? (await provider.create({ ...wanted, timeoutMs: LIFE_MS }))
  // When this fails the sandbox is lost, which the next command says.
  const timer = setInterval(() => void sandbox.extend(LIFE_MS).catch(() => undefined), RENEW_MS).unref()
  return {
    sandbox,
    resumed: earlier !== undefined,
    async close({ handOver }) {
      clearInterval(timer)
      // One that cannot be ended now ends by itself within minutes.
      if (!handOver) await sandbox.kill().catch(() => undefined)
    },
  }
}

async function attachEarlier(
  provider: SandboxProvider,
  id: string,
  pause: OpenSandboxRequest['pause'],
): Promise<Sandbox | undefined> {
  for (const waitMs of [...ANSWER_WAITS_MS, undefined]) {
    try {
      const sandbox = await provider.attach(id)
      await sandbox.extend(LIFE_MS)
      return sandbox
    } catch (error) {
      if (!isLost(error)) throw error
      if (error.class === 'gone' || waitMs === undefined) return undefined
      await pause(waitMs)
    }
  }
  return undefined
}

/** True when the sandbox is gone, or does not answer. */
export function isLost(error: unknown): error is SandboxError {
  return error instanceof SandboxError && (error.class === 'gone' || error.class === 'unreachable')
}
