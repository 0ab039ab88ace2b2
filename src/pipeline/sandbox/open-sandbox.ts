import { randomUUID } from 'node:crypto'
import { type EgressPolicy, type Sandbox, SandboxError, type SandboxProvider } from '../../sandbox/sandbox.ts'
import { retry } from '../../time/pause.ts'

/** A sandbox that is kept alive while this process works with it, and dies soon after the process does. */
export interface OpenSandbox {
  readonly sandbox: Sandbox
  /** True when it is the one of before, with the workspace as it was left. */
  readonly resumed: boolean
  /** Stops keeping it alive, and ends it unless another attempt goes on with it. */
  close(options: { readonly handOver: boolean }): Promise<void>
}

interface OpenSandboxRequest {
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

/** True when the sandbox is gone, or does not answer. */
export function isLost(error: unknown): error is SandboxError {
  return error instanceof SandboxError && (error.class === 'gone' || error.class === 'unreachable')
}

/**
 * Every process whose home is this sandbox's, apart from those that carry our mark (this script, and whatever the
 * sandbox runs it with) and those that started them. By the home, because in an unconfined sandbox there are others
 * of the same user.
 */
const SCRIPT = `
own=" $$ "
up=$$
while [ "\${up:-0}" -gt 1 ]; do
  up=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$up/status" 2>/dev/null)
  own="$own$up "
done
for file in $(grep -lsxzF "HOME=$HOME" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}; pid=\${pid%/environ}
  case "$own" in *" $pid "*) continue;; esac
  if grep -qszxF "TAKE_OVER=$TAKE_OVER" "$file"; then continue; fi
  kill -KILL "$pid" 2>/dev/null
done
true
`

/**
 * Ends what an attempt that died had left running, so that it changes no files under the next one.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function endLeftovers(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  await sandbox.exec(SCRIPT, { timeoutMs: 30_000, signal, env: { TAKE_OVER: randomUUID() } })
  signal.throwIfAborted()
}
