import { setTimeout as delay } from 'node:timers/promises'
import { E2B, type Sandbox as E2bSandbox } from 'e2b'
import {
  type CreateSandboxRequest,
  type EgressPolicy,
  type Sandbox,
  SandboxError,
  type SandboxInfo,
  type SandboxProvider,
} from '../sandbox.ts'
import { explainCreateFailure, explainSandboxFailure, isPassing } from './e2b-errors.ts'
import { execInE2b } from './e2b-exec.ts'

export interface E2bSandboxOptions {
  readonly apiKey: string
  readonly apiUrl?: string | undefined
  readonly sandboxUrl?: string | undefined
  readonly template: string
  /** Name of this installation; marks its sandboxes. */
  readonly deployment: string
  /** False when repositories are behind a firewall that E2B is not. */
  readonly reachesGitHub: boolean
  /** Waits between attempts; for tests. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** Marks what is ours; nothing else is ever written there, since every key of the team can read it. */
const APP = 'backspace'
const RETRY_DELAYS_MS = [1000, 3000]
const EVERYWHERE = '0.0.0.0/0'

/** Sandboxes at E2B, or at whatever speaks its protocol. The key stays in this process. */
export function createE2bSandboxProvider(options: E2bSandboxOptions): SandboxProvider {
  const { deployment, template, sleep = delay } = options
  const client = new E2B({
    apiKey: options.apiKey,
    debug: false, // Would skip the control plane, and with it every limit that we set.
    ...(options.apiUrl ? { apiUrl: options.apiUrl } : {}),
    ...(options.sandboxUrl ? { sandboxUrl: options.sandboxUrl } : {}),
  })

  async function tryCreate(request: CreateSandboxRequest): Promise<E2bSandbox> {
    const network = { ...egressRules(request.egress), allowPublicTraffic: false }
    const metadata = { app: APP, deployment, run: request.runId }
    return client.Sandbox.create(template, {
      timeoutMs: request.timeoutMs,
      metadata,
      network,
      lifecycle: { onTimeout: 'kill' },
    })
  }

  /** An attempt that failed may have made one all the same; E2B has no key that would tell. */
  async function killStrays(runId: string): Promise<void> {
    const strays = await findAll({ app: APP, deployment, run: runId }).catch(() => [])
    for (const { id } of strays) await client.Sandbox.kill(id).catch(() => false)
  }

  async function findAll(metadata: Readonly<Record<string, string>>): Promise<SandboxInfo[]> {
    const pages = client.Sandbox.list({ query: { metadata: { ...metadata } } })
    const found: SandboxInfo[] = []
    while (pages.hasNext) {
      for (const info of await pages.nextItems()) {
        found.push({ id: info.sandboxId, runId: info.metadata.run ?? '', startedAt: info.startedAt })
      }
    }
    return found
  }

  async function create(request: CreateSandboxRequest): Promise<Sandbox> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await wrap(await tryCreate(request), Date.now() + request.timeoutMs)
      } catch (error) {
        const pause = RETRY_DELAYS_MS[attempt]
        const isOurs = error instanceof SandboxError // It was made, and then did not answer.
        if (isOurs || isPassing(error)) await killStrays(request.runId)
        if (isOurs) throw error
        if (pause === undefined || !isPassing(error)) throw explainCreateFailure(error, template)
        await sleep(pause)
      }
    }
  }

  return {
    kind: 'e2b',
    reachesGitHub: options.reachesGitHub,
    create,
    async attach(id) {
      const info = await client.Sandbox.getInfo(id).catch((error) => throwFailure(error))
      if (info.metadata.app !== APP || info.metadata.deployment !== deployment) {
        throw new SandboxError('gone', 'There is no such sandbox of this installation.')
      }
      const sandbox = await client.Sandbox.connect(id).catch((error) => throwFailure(error))
      return wrap(sandbox, info.endAt.getTime())
    },
    async list(query) {
      try {
        return await findAll({ app: APP, deployment: query.deployment })
      } catch (error) {
        return throwFailure(error)
      }
    },
  }
}

/** For calls that concern no sandbox in particular: that nobody answers is all that can be known. */
async function throwFailure(error: unknown): Promise<never> {
  throw await explainSandboxFailure(error, { isRunning: () => Promise.reject(error) })
}

/** Replaces everything that was set before: what an update leaves out, E2B clears. */
function egressRules({ allowHosts }: EgressPolicy): { allowOut: string[]; denyOut: string[] } {
  return { allowOut: [...allowHosts], denyOut: [EVERYWHERE] }
}

async function wrap(sandbox: E2bSandbox, endsAt: number): Promise<Sandbox> {
  let deadline = endsAt
  let over = false
  const explain = (error: unknown, path?: string) =>
    explainSandboxFailure(error, {
      isRunning: () => (over ? Promise.resolve(false) : sandbox.isRunning()),
      ...(path === undefined ? {} : { path }),
    })
  const attempt = <T>(call: Promise<T>, path?: string) =>
    call.catch(async (error) => {
      throw await explain(error, path)
    })
  const { stdout: home } = await attempt(sandbox.commands.run('printf %s "$HOME"'))
  const context = { sandbox, home: home.startsWith('/') && home !== '/' ? home : '/home/user', finished: [] }
  const absolute = (path: string) => (path.startsWith('/') ? path : `${context.home}/${path}`)

  return {
    id: sandbox.sandboxId,
    home: context.home,
    exec: (command, options = {}) => execInE2b(context, command, options),
    readFile: (path) => attempt(sandbox.files.read(absolute(path), { format: 'bytes' }), path),
    async writeFile(path, bytes) {
      await attempt(sandbox.files.write(absolute(path), new Uint8Array(bytes).buffer), path)
    },
    setEgress: (policy) => attempt(sandbox.updateNetwork(egressRules(policy))),
    async extend(ms) {
      if (Date.now() + ms <= deadline) return // Setting a time limit can shorten it as well.
      await attempt(sandbox.setTimeout(ms))
      deadline = Date.now() + ms
    },
    async kill() {
      over = true
      await attempt(sandbox.kill())
    },
  }
}
