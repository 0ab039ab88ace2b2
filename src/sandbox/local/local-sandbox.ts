import { randomUUID } from 'node:crypto'
import { createSpawner, type Spawner } from '../../processes/spawner.ts'
import { GIB } from '../../text/amounts.ts'
import {
  type CreateSandboxRequest,
  type ExecOptions,
  type ExecResult,
  type Sandbox,
  SandboxError,
  type SandboxInfo,
  type SandboxProvider,
} from '../sandbox.ts'
import { type AgentProgram, readAgentProgram } from './agent-program.ts'
import { makeBoxDirectory, removeBoxDirectory, removeLeftDirectories } from './box-directory.ts'
import { CLAUDE_CODE_INSIDE } from './bubblewrap-options.ts'
import { findCgroups } from './cgroup/find-cgroups.ts'
import { type Cgroups, openCgroups } from './cgroup/open-cgroups.ts'
import { execMapped, inspectMapped, SHOWN_HOME, withShownPaths } from './home-mapping.ts'
import { type BubblewrapOptions, launchBubblewrap } from './launch-bubblewrap.ts'
import { launchUnconfined } from './launch-unconfined.ts'
import type { LaunchBox, LaunchedBox } from './launched-box.ts'
import { createLocalSnapshots, type LocalSnapshots, removeUnfinishedSnapshots } from './local-snapshots.ts'
import { createMountFirst } from './mount-first.ts'
import { probeLocalSandbox } from './probe-local-sandbox.ts'
import { createToolScripts } from './tool-scripts.ts'
import type { BoxLimits } from './watch-box.ts'

export interface LocalSandboxOptions {
  /** Name of this deployment. Sandboxes of other deployments are not listed. */
  readonly deployment: string
  /** `unconfined` isolates nothing: only for code that the operator trusts. */
  readonly mode: 'bubblewrap' | 'unconfined'
  /** Node.js 24 or newer for the agent inside; default: the one that runs this process. */
  readonly node?: string | undefined
  /** The host's PATH. Tools in its directories are available inside. Default: the usual directories. */
  readonly path?: string | undefined
  /** The host's variables that name certificate authorities. Other variables are ignored. */
  readonly certificates?: Readonly<Record<string, string>> | undefined
  /** Files and directories of the service, such as keys and data, which no box may see. */
  readonly own?: readonly string[] | undefined
  /** Claude Code as the operator installed it; a box has it at `CLAUDE_CODE_INSIDE`. */
  readonly claudeCode?: string | undefined
  /** The most that one box may use; default: 8 GiB of memory and 10 GiB of disk. `unconfined` has no limits. */
  readonly limits?: Partial<BoxLimits> | undefined
  /**
   * Whether to put each box into a cgroup where this process may; default: true. Without one, memory is measured from
   * outside.
   */
  readonly useCgroups?: boolean | undefined
  /** Parent of the boxes' directories; default: the system's temporary directory. */
  readonly baseDir?: string | undefined
  /** Where to keep snapshots, and how many bytes one may have; default: none are kept. Only for `bubblewrap`. */
  readonly snapshots?: { readonly directory: string; readonly maxBytes: number } | undefined
  /** Default: a new one. */
  readonly spawner?: Spawner | undefined
  /** For tests: how the egress proxy finds addresses, and which ports it allows. */
  readonly egressProxy?: BubblewrapOptions['egress']
}

/** Large repositories have 100,000 files, and as many again in dependencies. */
const LIMITS: BoxLimits = { memoryBytes: 8 * GIB, diskBytes: 10 * GIB, files: 1_000_000 }

interface Entry {
  readonly box: LaunchedBox
  readonly sandbox: Sandbox
  readonly info: SandboxInfo
}

/**
 * Sandboxes on this machine. They belong to this process: they end with it, and no other process can attach to them.
 * What earlier processes left on disk is removed at once. That may take minutes, but no box waits for it.
 */
export function createLocalSandboxProvider(options: LocalSandboxOptions): SandboxProvider {
  const { deployment, mode, node = process.execPath, spawner = createSpawner() } = options
  const entries = new Map<string, Entry>()
  // The base directory may not exist yet.
  removeLeftDirectories(spawner, options.baseDir).catch(() => {})
  const isGrouped = mode === 'bubblewrap' && options.useCgroups !== false
  const cgroups = isGrouped ? openFoundCgroups().catch(() => undefined) : undefined
  const snapshots = options.snapshots && mode === 'bubblewrap' ? openSnapshots(options.snapshots) : undefined

  function openSnapshots({
    directory,
    maxBytes,
  }: {
    readonly directory: string
    readonly maxBytes: number
  }): LocalSnapshots {
    void removeUnfinishedSnapshots(directory, spawner)
    return createLocalSnapshots({
      directory,
      maxBytes,
      path: options.path ?? '',
      own: options.own ?? [],
      homeOf: (id) => entries.get(id)?.box.home,
      spawner,
    })
  }
  const mountFirst = createMountFirst()
  const toolScripts = createToolScripts()
  let bubblewrap: string | undefined
  let program: AgentProgram | undefined

  /** Finds bubblewrap, and tries it before the first box starts. If a later box does not start, a new try says why. */
  async function findBubblewrap(): Promise<string> {
    const probe = await probeLocalSandbox({ path: options.path })
    if (!probe.available) throw new SandboxError('unavailable', probe.message)
    return probe.bubblewrap
  }
  const launch: LaunchBox = async (newBox) => {
    if (mode === 'unconfined') return launchUnconfined(newBox, { node, path: options.path, spawner })
    bubblewrap ??= await findBubblewrap()
    program ??= await readAgentProgram()
    return launchBubblewrap(newBox, {
      bubblewrap,
      node,
      program,
      path: options.path ?? '',
      certificates: options.certificates ?? {},
      own: options.own ?? [],
      programs: options.claudeCode ? [{ source: options.claudeCode, target: CLAUDE_CODE_INSIDE }] : [],
      limits: { ...LIMITS, ...options.limits },
      cgroups: await cgroups,
      mountFirst,
      toolScripts,
      spawner,
      egress: options.egressProxy,
    })
  }

  async function create(request: CreateSandboxRequest): Promise<Sandbox> {
    request.signal?.throwIfAborted()
    const id = `local-${randomUUID()}`
    const directory = await makeBoxDirectory(options.baseDir)
    const snapshot = request.snapshotId ? await snapshots?.use(request.snapshotId) : undefined
    let box: LaunchedBox
    try {
      box = await launch({ boxId: id, directory, snapshot })
      await box.setEgress(request.egress)
    } catch (error) {
      bubblewrap = undefined
      await removeBoxDirectory(directory, spawner)
      snapshot?.[Symbol.dispose]()
      throw error
    }
    const removed = box.process.ended.then(async () => {
      entries.delete(id)
      await box.release()
      await removeBoxDirectory(directory, spawner)
      snapshot?.[Symbol.dispose]()
    })
    const snapshotId = snapshot && request.snapshotId
    const sandbox = createLocalSandbox({ id, box, snapshotId, timeoutMs: request.timeoutMs, removed })
    entries.set(id, { box, sandbox, info: { id, runId: request.runId, startedAt: new Date() } })
    return sandbox
  }

  return {
    kind: mode === 'bubblewrap' ? 'local' : 'unconfined',
    reachesGitHub: false,
    snapshots,
    create,
    async attach(id) {
      const entry = entries.get(id)
      if (entry && !entry.box.process.isOver()) return entry.sandbox
      throw new SandboxError(
        'gone',
        'The local sandbox no longer exists: it ended with the process that created it.',
      )
    },
    async kill(id) {
      await entries.get(id)?.sandbox.kill()
    },
    async list(query) {
      if (query.deployment !== deployment) return []
      return [...entries.values()].filter(({ box }) => !box.process.isOver()).map(({ info }) => info)
    },
  }
}

/** Undefined where this process may not make cgroups. */
async function openFoundCgroups(): Promise<Cgroups | undefined> {
  const found = await findCgroups()
  return 'why' in found ? undefined : openCgroups(found)
}

function createLocalSandbox(parts: {
  readonly id: string
  readonly box: LaunchedBox
  readonly snapshotId: string | undefined
  readonly timeoutMs: number
  readonly removed: Promise<void>
}): Sandbox {
  const { process: box, mapping } = parts.box
  const kill = (reason: string) => box.kill(reason).then(() => parts.removed)
  let deadline = 0
  let timer: NodeJS.Timeout | undefined

  function extend(ms: number): void {
    deadline = Math.max(deadline, performance.now() + ms)
    clearTimeout(timer)
    timer = setTimeout(
      kill,
      deadline - performance.now(),
      'The sandbox was ended: it reached its time limit.',
    ).unref()
  }
  extend(parts.timeoutMs)
  void box.ended.then(() => clearTimeout(timer))

  return {
    id: parts.id,
    home: SHOWN_HOME,
    snapshotId: parts.snapshotId,
    exec: execWithNext((command, options) =>
      mapping ? execMapped({ process: box, mapping }, command, options) : box.exec(command, options),
    ),
    readFile: (path, options) =>
      mapping
        ? withShownPaths(mapping, box.readFile(mapping.toReal(path), options))
        : box.readFile(path, options),
    inspect: (path, options) =>
      mapping ? inspectMapped({ process: box, mapping }, path, options) : box.inspect(path, options),
    writeFile: (path, bytes, options) =>
      mapping
        ? withShownPaths(mapping, box.writeFile(mapping.toReal(path), bytes, options))
        : box.writeFile(path, bytes, options),
    forward: parts.box.forward,
    setEgress: (policy) => parts.box.setEgress(policy),
    refusedHosts: () => parts.box.refusedHosts?.() ?? [],
    async extend(ms) {
      extend(ms)
    },
    kill: () => kill('The sandbox was ended.'),
  }
}

/**
 * `exec` for a sandbox in which a request costs nothing: the next command starts as soon as the first one has ended.
 */
function execWithNext(exec: (command: string, options: ExecOptions) => Promise<ExecResult>): Sandbox['exec'] {
  return async (command, { next, ...options } = {}) => {
    const result = await exec(command, options)
    if (!next || result.outcome === 'aborted') return result
    const { command: nextCommand, ...nextOptions } = next
    const following = exec(nextCommand, { ...nextOptions, signal: options.signal })
    following.catch(() => {}) // The caller need not wait for it.
    return { ...result, next: following }
  }
}
