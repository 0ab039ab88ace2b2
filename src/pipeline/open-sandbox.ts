import { type EgressPolicy, type Sandbox, SandboxError, type SandboxProvider } from '../sandbox/sandbox.ts'

/** A sandbox that is kept alive while this process works with it, and dies soon after the process does. */
export interface OpenSandbox {
  readonly sandbox: Sandbox
  /** True when it is the one of an earlier attempt, with the workspace as it was left. */
  readonly resumed: boolean
  /** Stops keeping it alive, and ends it unless another attempt goes on with it. */
  close(options: { readonly handOver: boolean }): Promise<void>
}

export interface OpenSandboxRequest {
  readonly runId: string
  /** Sandbox of an earlier attempt, when its workspace can be used. */
  readonly earlierId: string | undefined
  /** Of a new sandbox. */
  readonly egress: EgressPolicy
}

const LIFE_MS = 10 * 60_000
const RENEW_MS = 3 * 60_000

/**
 * The sandbox of an earlier attempt when there still is one, else a new one.
 *
 * @throws {SandboxError} `unavailable`, `unreachable`
 */
export async function openSandbox(
  provider: SandboxProvider,
  { runId, earlierId, egress }: OpenSandboxRequest,
): Promise<OpenSandbox> {
  const earlier = await attachEarlier(provider, earlierId)
  const sandbox = earlier ?? (await provider.create({ runId, timeoutMs: LIFE_MS, egress }))
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
  id: string | undefined,
): Promise<Sandbox | undefined> {
  if (id === undefined) return undefined
  try {
    const sandbox = await provider.attach(id)
    await sandbox.extend(LIFE_MS)
    return sandbox
  } catch (error) {
    if (error instanceof SandboxError && error.class === 'gone') return undefined
    throw error
  }
}
