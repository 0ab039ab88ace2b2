import { spawn } from 'node:child_process'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type EgressProxy, egressEnvironment, RELAY_PORT, startEgressProxy } from '../egress/egress-proxy.ts'
import { SandboxError } from '../sandbox.ts'
import { type BoxProcess, startBoxProcess } from './box-process.ts'
import { agentCommand, bubblewrapOptions, INSIDE } from './bubblewrap-options.ts'
import { SHOWN_HOME } from './home-mapping.ts'
import { type HostUser, unprivilegedUser } from './host-user.ts'
import type { LaunchedBox, NewBox } from './launched-box.ts'
import { layerHome } from './layer-home.ts'
import { explainBubblewrapFailure } from './probe-local-sandbox.ts'
import { seccompFilter } from './seccomp-filter.ts'
import { stageCertificates } from './stage-certificates.ts'
import { stageRuntime } from './stage-runtime.ts'
import { stageToolchains } from './stage-toolchains.ts'
import { type BoxLimits, watchBox } from './watch-box.ts'

/** This program's directory: it may contain credentials (`.env`), and may be below `/usr`. */
const OWN_DIRECTORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

export interface BubblewrapOptions {
  readonly bubblewrap: string
  readonly node: string
  /** The host's PATH. */
  readonly path: string
  /** The host's variables that name certificate authorities; others are ignored. */
  readonly certificates: Readonly<Record<string, string>>
  readonly limits: BoxLimits
  /** Files and directories of the service that no box may see, wherever they are. */
  readonly own: readonly string[]
  /** For tests: how the egress proxy finds addresses, and which ports it allows. */
  readonly egress?: Pick<Parameters<typeof startEgressProxy>[0], 'resolveAddress' | 'ports'> | undefined
}

/**
 * Starts one persistent bubblewrap box with its own processes, users, network, host name and file system. It ends with
 * this process, even if this process is killed.
 *
 * @throws {SandboxError} `unavailable` if bubblewrap may not create the namespaces it needs.
 */
export async function launchBubblewrap(newBox: NewBox, options: BubblewrapOptions): Promise<LaunchedBox> {
  const { directory, snapshot } = newBox
  const user = snapshot ? snapshot.user : unprivilegedUser()
  const runtime = await stageRuntime({ directory, node: options.node, user })
  const egressSocket = join(directory, 'egress.sock')
  const proxy = await startEgressProxy({ socketPath: egressSocket, ...options.egress })
  if (user) await chown(egressSocket, user.uid, user.gid)

  const own = [OWN_DIRECTORY, directory, ...options.own]
  const toolchains = await stageToolchains(options.path, { own, user, directory })
  const staysRoot = toolchains.lender !== undefined
  const layered = await layerHome({ directory, user, below: snapshot?.home, staysRoot })
  const { home, written } = layered
  const certificates = await stageCertificates(directory, options.certificates)
  const mounts = [...toolchains.mounts, certificates.mount].filter((mount) => mount !== undefined)
  const flags = bubblewrapOptions({ runtime, home, egressSocket, mounts, hidden: toolchains.hidden })
  const env = { ...toolchains.env, ...certificates.env }
  const lender = [...layered.lender, ...(toolchains.lender ?? [])]
  try {
    const box = await startBox({ newBox, written, flags, env, options, user, lender })
    return { ...withEgress(box, proxy), home: home === written ? home : undefined }
  } catch (error) {
    await proxy.close()
    if (!(error instanceof SandboxError) || error.class !== 'unavailable') throw error
    throw new SandboxError('unavailable', explainBubblewrapFailure(error.message))
  }
}

async function startBox(parts: {
  readonly newBox: NewBox
  /** The only directory on disk that the box writes to. */
  readonly written: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly options: BubblewrapOptions
  readonly user: HostUser | undefined
  /** What bubblewrap is started with; root's, if there is any and this process is root. */
  readonly lender: readonly string[]
}): Promise<BoxProcess> {
  const { user, lender } = parts
  const [program = '', ...args] = [
    ...lender,
    parts.options.bubblewrap,
    '--args',
    '3',
    '--',
    ...agentCommand(),
  ]
  // The lender is root, and changes to the box's user itself.
  const startedAs = lender.length === 0 ? user : undefined
  const filter = seccompFilter()
  const child = spawn(program, args, {
    // bubblewrap is process 1 of the box, whose commands can read its environment: keep it empty.
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
    ...startedAs,
  })
  // Through a pipe: commands in the box could read arguments, and these contain paths of the host.
  const flags = filter === undefined ? parts.flags : [...parts.flags, '--seccomp', '4']
  writeTo(child.stdio[3], flags.map((flag) => `${flag}\0`).join(''))
  writeTo(child.stdio[4], filter ?? '')
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid)
  }
  const env = {
    HOME: SHOWN_HOME,
    USER: 'user',
    LOGNAME: 'user',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    RUSTUP_HOME: '/usr/local/rustup',
    ...parts.env,
  }
  const relay = { socketPath: INSIDE.egressSocket, port: RELAY_PORT }
  const init = {
    type: 'init',
    home: SHOWN_HOME,
    env,
    boxId: parts.newBox.boxId,
    confined: true,
    relay,
  } as const
  const box = await startBoxProcess({ child, stop }, init)
  if (child.pid !== undefined) {
    const { limits } = parts.options
    const onExceeded = (why: string) => void box.kill(`${why}, so it was ended.`, 'over_limit')
    void box.ended.then(watchBox({ pid: child.pid, home: parts.written, limits, onExceeded }))
  }
  return box
}

function writeTo(stream: unknown, content: string | Buffer): void {
  if (stream instanceof Writable) stream.on('error', () => {}).end(content)
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function withEgress(box: BoxProcess, proxy: EgressProxy): Omit<LaunchedBox, 'home'> {
  return {
    process: box,
    mapping: undefined,
    async setEgress({ allowHosts }) {
      proxy.allow(allowHosts)
      box.setEnv(egressEnvironment(allowHosts))
    },
    refusedHosts: () => proxy.refused(),
    release: () => proxy.close(),
  }
}
