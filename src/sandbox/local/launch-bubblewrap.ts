import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Spawner } from '../../processes/spawner.ts'
import { type EgressProxy, egressEnvironment, RELAY_PORT, startEgressProxy } from '../egress/egress-proxy.ts'
import { hostsOf, SandboxError } from '../sandbox.ts'
import type { AgentProgram } from './agent-program.ts'
import { type BoxAuthority, createBoxAuthority } from './box-authority.ts'
import { type BoxProcess, startBoxProcess } from './box-process.ts'
import { agentCommand, bubblewrapOptions, INSIDE, MAX_PROCESSES } from './bubblewrap-options.ts'
import type { BoxCgroup, Cgroups } from './cgroup/open-cgroups.ts'
import { forwardLocally, listenAt } from './forward-locally.ts'
import { SHOWN_HOME } from './home-mapping.ts'
import { type HostUser, unprivilegedUser } from './host-user.ts'
import type { LaunchedBox, NewBox } from './launched-box.ts'
import { layerHome } from './layer-home.ts'
import type { Mount } from './mount.ts'
import type { MountFirst } from './mount-first.ts'
import { explainBubblewrapFailure } from './probe-local-sandbox.ts'
import { seccompFilter } from './seccomp-filter.ts'
import { type StagedCertificates, stageCertificates } from './stage-certificates.ts'
import { stageRuntime } from './stage-runtime.ts'
import { stageToolchains } from './stage-toolchains.ts'
import { startBoxProgram } from './start-box-program.ts'
import type { ToolScripts } from './tool-scripts.ts'
import { type BoxLimits, overMemory, watchBox } from './watch-box.ts'

/** Directory of Backspace itself. It may contain credentials (`.env`), and may be below `/usr`. */
const OWN_DIRECTORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

export interface BubblewrapOptions {
  readonly bubblewrap: string
  readonly node: string
  readonly program: AgentProgram
  /** The host's PATH. */
  readonly path: string
  /** The host's variables that name certificate authorities. Other variables are ignored. */
  readonly certificates: Readonly<Record<string, string>>
  readonly limits: BoxLimits
  /** Undefined where this process may not make cgroups. Memory is then measured from outside. */
  readonly cgroups: Cgroups | undefined
  /** Files and directories of the service that no box may see, wherever they are. */
  readonly own: readonly string[]
  /** Programs of the operator that a box sees at fixed paths. */
  readonly programs: readonly Mount[]
  readonly mountFirst: MountFirst
  readonly toolScripts: ToolScripts
  readonly spawner: Spawner
  /** For tests: how the egress proxy finds addresses, and which ports it allows. */
  readonly egress?: Pick<Parameters<typeof startEgressProxy>[0], 'resolveAddress' | 'ports'> | undefined
}

/**
 * Starts one persistent bubblewrap box with its own processes, users, network, host name and file system. The box ends
 * with this process, even if this process is killed.
 *
 * @throws {SandboxError} `unavailable` if bubblewrap may not create the namespaces that it needs.
 */
export async function launchBubblewrap(newBox: NewBox, options: BubblewrapOptions): Promise<LaunchedBox> {
  const { directory, snapshot } = newBox
  const { mountFirst, toolScripts, spawner } = options
  const user = snapshot ? snapshot.user : unprivilegedUser()
  const egressSocket = join(directory, 'egress.sock')
  const proxy = await startEgressProxy({ socketPath: egressSocket, ...options.egress })
  if (user) await chown(egressSocket, user.uid, user.gid)
  const sockets = join(directory, 'sockets')
  await mkdir(sockets)
  await chmod(sockets, 0o755)

  const own = [OWN_DIRECTORY, directory, ...options.own]
  const { node, program, programs } = options
  const [runtime, toolchains, certificates] = await Promise.all([
    stageRuntime({ directory, node, program, user }),
    stageToolchains(options.path, { own, programs, user, directory, mountFirst, toolScripts, spawner }),
    stageCertificates(directory, options.certificates),
  ])
  const staysRoot = toolchains.lender !== undefined
  const layered = await layerHome({ directory, user, below: snapshot?.home, staysRoot, mountFirst, spawner })
  const { home, written } = layered
  const mounts = [...toolchains.mounts, certificates.mount]
  const flags = bubblewrapOptions({ runtime, home, egressSocket, sockets, mounts, hidden: toolchains.hidden })
  const env = { ...toolchains.env, ...certificates.env }
  const lender = [...layered.lender, ...(toolchains.lender ?? [])]
  const limits = { memoryBytes: options.limits.memoryBytes, processes: MAX_PROCESSES }
  const cgroup = await options.cgroups?.make(basename(newBox.directory), limits).catch(() => undefined)
  const release = async () => {
    await Promise.all([proxy.close(), cgroup?.remove()])
  }
  try {
    const trusted = certificates.forNode
    const box = await startBox({ newBox, written, flags, env, trusted, options, user, lender, cgroup })
    const forward = forwardLocally(box, async (server) => {
      const name = `${randomUUID().slice(0, 8)}.sock`
      await listenAt(server, { path: join(sockets, name) })
      if (user) await chown(join(sockets, name), user.uid, user.gid)
      return box.openPort(`${INSIDE.sockets}/${name}`)
    })
    return {
      ...withEgress(box, { proxy, certificates, release }),
      forward,
      home: home === written ? home : undefined,
    }
  } catch (error) {
    await release()
    mountFirst.forget()
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
  /** File inside the box with the certificates that the operator's Node.js trusts besides its own. */
  readonly trusted: string | undefined
  readonly options: BubblewrapOptions
  readonly user: HostUser | undefined
  /** Programs and arguments to start before bubblewrap. Root has a lender here if directories must be mounted first. */
  readonly lender: readonly string[]
  readonly cgroup: BoxCgroup | undefined
}): Promise<BoxProcess> {
  const { user, lender, cgroup } = parts
  const { limits, spawner } = parts.options
  const [program = '', ...args] = [
    ...lender,
    parts.options.bubblewrap,
    '--args',
    '3',
    '--',
    ...agentCommand(),
  ]
  // The lender runs as root, and changes to the box's user itself.
  const startedAs = lender.length === 0 ? user : undefined
  const filter = seccompFilter()
  // bubblewrap is process 1 of the box, whose commands can read its environment, so that must be empty.
  const command = { program, args, env: {}, user: startedAs }
  const child = await startBoxProgram(spawner, command, { directory: parts.newBox.directory, pipes: 2 })
  // The options go through a pipe: commands in the box could read arguments, and these contain paths of the host.
  const flags = filter === undefined ? parts.flags : [...parts.flags, '--seccomp', '4']
  // bubblewrap starts nothing before it has read its options, so no process of the box escapes the cgroup.
  const joined = cgroup?.join(child.pid) ?? Promise.resolve(false)
  void joined.then(() => child.feed(3, flags.map((flag) => `${flag}\0`).join('')))
  child.feed(4, filter ?? '')
  const stop = () => {
    if (child.hasEnded()) return
    child.kill()
    void cgroup?.kill()
  }
  const exceeded = () => (cgroup?.isOverMemory() ? `${overMemory(limits)}, so it was ended.` : undefined)
  const env = {
    HOME: SHOWN_HOME,
    USER: 'user',
    LOGNAME: 'user',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    RUSTUP_HOME: '/usr/local/rustup',
    ...parts.env,
  }
  const relay = { socketPath: INSIDE.egressSocket, port: RELAY_PORT, trusted: parts.trusted }
  const init = {
    type: 'init',
    home: SHOWN_HOME,
    env,
    boxId: parts.newBox.boxId,
    confined: true,
    relay,
  } as const
  const box = await startBoxProcess({ child, stop, exceeded }, init)
  const isOverMemory = (await joined) ? cgroup?.isOverMemory : undefined
  const onExceeded = (why: string) => void box.kill(`${why}, so it was ended.`, 'over_limit')
  const { pid } = child
  void box.ended.then(watchBox({ pid, home: parts.written, limits, isOverMemory, onExceeded, spawner }))
  return endingOverMemory(box, exceeded)
}

/**
 * With cgroup v1, the kernel ends only one process of a box that uses too much memory. The result of a command must not
 * hide that, so the box is ended.
 */
function endingOverMemory(box: BoxProcess, exceeded: () => string | undefined): BoxProcess {
  return {
    ...box,
    async exec(command, options) {
      const result = await box.exec(command, options)
      const why = exceeded()
      if (why === undefined) return result
      await box.kill(why, 'over_limit')
      throw new SandboxError('over_limit', why)
    },
  }
}

function withEgress(
  box: BoxProcess,
  {
    proxy,
    certificates,
    release,
  }: {
    readonly proxy: EgressProxy
    readonly certificates: StagedCertificates
    readonly release: () => Promise<void>
  },
): Omit<LaunchedBox, 'home' | 'forward'> {
  let authority: Promise<BoxAuthority> | undefined

  /**
   * Lets the box answer programs that hide the names of hosts.
   *
   * @returns the variables that make programs trust the box's certificate.
   */
  async function certify(hosts: readonly string[]): Promise<Readonly<Record<string, string>>> {
    if (hosts.length === 0) return {}
    authority ??= createBoxAuthority()
    const { certificate, issue } = await authority
    box.setIdentity(await issue(hosts))
    return certificates.trust(certificate)
  }

  return {
    process: box,
    mapping: undefined,
    async setEgress(policy) {
      proxy.allow(policy.allowHosts, policy.publicHosts)
      const hosts = hostsOf(policy)
      const trust = await certify(hosts)
      box.setEnv({ ...egressEnvironment(hosts), ...trust })
    },
    refusedHosts: () => proxy.refused(),
    release,
  }
}
