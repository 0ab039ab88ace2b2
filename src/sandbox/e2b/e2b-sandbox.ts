import { E2B } from 'e2b'
import { SandboxError, type SandboxInfo, type SandboxProvider } from '../sandbox.ts'
import { createInE2b, type E2bLimits, findMarked, isMarked } from './create-in-e2b.ts'
import { explainSandboxFailure } from './e2b-errors.ts'
import { endE2bSandbox, openE2bSandbox } from './open-e2b-sandbox.ts'

export interface E2bSandboxOptions extends E2bLimits {
  readonly apiKey: string
  readonly apiUrl?: string | undefined
  readonly sandboxUrl?: string | undefined
  readonly template: string
  /** Name of this installation; marks its sandboxes. */
  readonly deployment: string
  /** False when repositories are behind a firewall that E2B is not. */
  readonly reachesGitHub: boolean
}

const APP = 'backspace'

/** Sandboxes at E2B, or at whatever speaks its protocol. The key stays in this process. */
export function createE2bSandboxProvider(options: E2bSandboxOptions): SandboxProvider {
  const marks = { app: APP, deployment: options.deployment }
  const client = new E2B({
    apiKey: options.apiKey,
    debug: false, // Would skip the control plane, and with it every limit that we set.
    ...(options.apiUrl ? { apiUrl: options.apiUrl } : {}),
    ...(options.sandboxUrl ? { sandboxUrl: options.sandboxUrl } : {}),
  })
  const create = createInE2b({ ...options, client, marks })

  /** @throws {SandboxError} `gone` when there is none that is ours. */
  async function getOwn(id: string) {
    const info = await client.Sandbox.getInfo(id).catch(throwFailure)
    if (isMarked(info.metadata, marks)) return info
    throw new SandboxError('gone', 'There is no such sandbox of this installation.')
  }

  return {
    kind: 'e2b',
    reachesGitHub: options.reachesGitHub,
    create: (request) =>
      create(request, ({ sandbox, place }) =>
        openE2bSandbox({ sandbox, livesMs: request.timeoutMs, onOver: () => place.release() }),
      ),
    async attach(id) {
      await getOwn(id)
      const sandbox = await client.Sandbox.connect(id).catch(throwFailure)
      // What is left of its life is told by E2B's clock and not by ours: the first extension counts in any case.
      return openE2bSandbox({ sandbox, livesMs: 0 })
    },
    async kill(id) {
      try {
        await getOwn(id)
        await endE2bSandbox((requestTimeoutMs) => client.Sandbox.kill(id, { requestTimeoutMs }))
      } catch (error) {
        if (error instanceof SandboxError && error.class === 'gone') return
        await throwFailure(error)
      }
    },
    async list({ deployment }) {
      const found = await findMarked(client, { app: APP, deployment }).catch(throwFailure)
      return found.flatMap(({ sandboxId: id, startedAt, metadata: { run } }): SandboxInfo[] =>
        run === undefined ? [] : [{ id, runId: run, startedAt }],
      )
    },
  }
}

/** For calls that concern no sandbox in particular: that nobody answers is all that can be known. */
async function throwFailure(error: unknown): Promise<never> {
  throw await explainSandboxFailure(error, { isRunning: () => Promise.reject(error) })
}
