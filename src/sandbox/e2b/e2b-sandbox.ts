import { E2B } from 'e2b'
import { SandboxError, type SandboxInfo, type SandboxProvider } from '../sandbox.ts'
import { createInE2b, type E2bLimits, findMarked, isMarked } from './create-in-e2b.ts'
import { explainAccountFailure } from './e2b-errors.ts'
import { createE2bSnapshots } from './e2b-snapshots.ts'
import { endE2bSandbox, openE2bSandbox } from './open-e2b-sandbox.ts'

export interface E2bSandboxOptions extends E2bLimits {
  readonly apiKey: string
  readonly apiUrl?: string | undefined
  readonly sandboxUrl?: string | undefined
  readonly template: string
  /** Name of this deployment; marks its sandboxes. */
  readonly deployment: string
  /** False if the repositories are behind a firewall that E2B cannot pass. */
  readonly reachesGitHub: boolean
}

const APP = 'backspace'

/** Sandboxes at E2B, or at a service with the same API. The key stays in this process. */
export function createE2bSandboxProvider(options: E2bSandboxOptions): SandboxProvider {
  const marks = { app: APP, deployment: options.deployment }
  const settings: ConstructorParameters<typeof E2B>[0] = {
    apiKey: options.apiKey,
    debug: false, // Debugging skips the control plane, and so every limit that is set here.
  }
  if (options.apiUrl) settings.apiUrl = options.apiUrl
  if (options.sandboxUrl) settings.sandboxUrl = options.sandboxUrl
  const { sleep } = options
  const client = new E2B(settings)
  const create = createInE2b({ ...options, client, marks })

  /** @throws {SandboxError} `gone` if there is no such sandbox, or if it belongs to another deployment. */
  async function getOwn(id: string) {
    const info = await client.Sandbox.getInfo(id).catch(throwFailure)
    if (isMarked(info.metadata, marks)) return info
    throw new SandboxError('gone', 'This deployment has no such sandbox.')
  }

  return {
    kind: 'e2b',
    reachesGitHub: options.reachesGitHub,
    snapshots: createE2bSnapshots({ client, template: options.template, deployment: options.deployment }),
    create: (request) =>
      create(request, async ({ sandbox, snapshotId, slot }) => {
        const livesMs = request.timeoutMs
        const opened = await openE2bSandbox({ sandbox, sleep, livesMs, onOver: () => slot.release() })
        return { ...opened, snapshotId }
      }),
    async attach(id) {
      await getOwn(id)
      const sandbox = await client.Sandbox.connect(id).catch(throwFailure)
      // E2B states the remaining time by its own clock. With 0 here, the first extension always takes effect.
      return openE2bSandbox({ sandbox, sleep, livesMs: 0 })
    },
    async kill(id) {
      try {
        await getOwn(id)
        await endE2bSandbox((requestTimeoutMs) => client.Sandbox.kill(id, { requestTimeoutMs }))
      } catch (error) {
        if (error instanceof SandboxError && error.class === 'gone') return
        throwFailure(error)
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

function throwFailure(error: unknown): never {
  throw explainAccountFailure(error)
}
