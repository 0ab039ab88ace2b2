import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import { findCgroups } from '../sandbox/local/cgroup/find-cgroups.ts'
import { SandboxError, type SandboxProvider } from '../sandbox/sandbox.ts'
import { durationText, GIB } from '../text/amounts.ts'
import { isReachable } from './check-models.ts'
import type { Said } from './finding.ts'

const LIFE_MS = 2 * 60_000
const WORD = 'backspace-sandbox-answers'
const NO_SANDBOX = 'No run can work: the code of a repository runs nowhere else.'

/** Starts a sandbox such as runs get, runs a command in it, and ends it. */
export async function checkSandbox(
  config: Config,
  provider: SandboxProvider,
  signal: AbortSignal,
): Promise<Said> {
  const { sandbox, models } = config
  const real = models.chain.some((ref) => ref.provider !== 'scripted' && isReachable(models, ref))
  if (sandbox.kind === 'unconfined' && real)
    return {
      state: 'broken',
      fact: 'unconfined, with a real model',
      costs: 'Code of every repository, and what the model runs, has the rights of this process.',
      next: 'Set BACKSPACE_SANDBOX to local or e2b. Unconfined is only for code that you trust.',
    }
  const began = performance.now()
  try {
    const output = await runOneCommand(provider, signal)
    if (output.trim() !== WORD)
      return { state: 'broken', fact: 'it started, but a command in it did not answer', costs: NO_SANDBOX }
    const took = durationText(performance.now() - began)
    const { fact, next } = await describe(config)
    return { state: 'ok', fact: `${fact}; started, used and closed in ${took}`, next }
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error
    const [first = '', ...rest] = error.message.split('\n')
    return {
      state: 'broken',
      fact: `none can be started: ${first.replace(/\.$/, '')}`,
      costs: NO_SANDBOX,
      next: rest.join(' ').trim() || cureOf(config),
    }
  }
}

async function runOneCommand(provider: SandboxProvider, signal: AbortSignal): Promise<string> {
  const runId = `doctor-${randomUUID()}`
  const sandbox = await provider.create({ runId, timeoutMs: LIFE_MS, egress: { allowHosts: [] }, signal })
  try {
    const { stdout } = await sandbox.exec(`echo ${WORD}`, { timeoutMs: 30_000, signal })
    return stdout
  } finally {
    await sandbox.kill().catch(() => undefined)
  }
}

function cureOf({ sandbox }: Config): string | undefined {
  return sandbox.kind === 'e2b'
    ? 'Check E2B_API_KEY and E2B_TEMPLATE, or set BACKSPACE_SANDBOX=local.'
    : 'Install bubblewrap, or set E2B_API_KEY.'
}

async function describe({ sandbox }: Config): Promise<Pick<Said, 'fact' | 'next'>> {
  if (sandbox.kind === 'e2b') return { fact: `E2B, template ${sandbox.e2b?.template}` }
  if (sandbox.kind === 'unconfined')
    return {
      fact: 'unconfined',
      next: 'Code of every repository runs with the rights of this process. Only for code you trust.',
    }
  const found = await findCgroups()
  if ('why' in found)
    return {
      fact: 'local; the memory of a box is measured once a second',
      next: `The kernel does not hold the limits of boxes, because ${found.why}. Set Delegate=yes in the systemd unit, or start the container with a writable /sys/fs/cgroup.`,
    }
  const controllers = ['memory', found.pids && 'processes', found.cpu && 'processor'].filter(Boolean)
  return { fact: `local; each box has a cgroup (v${found.version}) with limits of ${controllers.join(', ')}` }
}

/** What the setup cache keeps. */
export async function checkSetupCache({ sandbox }: Config, { snapshots }: SandboxProvider): Promise<Said> {
  const { kind, setupCache } = sandbox
  const costs = 'Every run installs the dependencies again.'
  if (!snapshots)
    return {
      state: 'not_set',
      fact: setupCache.entries === 0 ? 'BACKSPACE_SETUP_CACHE is 0' : `not with ${kind} sandboxes`,
      costs,
    }
  try {
    const kept = await snapshots.list()
    const bytes = kept.reduce((sum, snapshot) => sum + (snapshot.bytes ?? 0), 0)
    const size = kind === 'e2b' ? 'at E2B' : `${(bytes / GIB).toFixed(1)} of ${setupCache.bytes / GIB} GiB`
    return { state: 'ok', fact: `${kept.length} of ${setupCache.entries} kept, ${size}` }
  } catch {
    return { state: 'waiting', fact: 'E2B did not list its snapshots', costs }
  }
}
