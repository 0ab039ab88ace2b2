import { execFile } from 'node:child_process'
import { access, constants, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where cgroups for boxes may be made: a directory for each controller. With cgroup v2, all are the same directory. */
export interface CgroupHome {
  readonly version: 1 | 2
  readonly memory: string
  readonly pids?: string | undefined
  readonly cpu?: string | undefined
}

/** `why` completes the sentence "The kernel does not hold the limits of boxes, because …". */
export type FoundCgroups = CgroupHome | { readonly why: string }

export interface CgroupSources {
  /** Content of `/proc/self/cgroup`, and in `mounts` that of `/proc/self/mountinfo`. */
  readonly membership: string
  readonly mounts: string
  /** Whether systemd has delegated its part of the tree to a unit. */
  readonly isDelegated: (unit: string, isOfUser: boolean) => Promise<boolean>
}

/**
 * The group of the service itself, below its home. With cgroup v2, a group has either processes or groups with limits.
 */
export const SERVICE_GROUP = 'backspace-service'

/**
 * Finds the part of the cgroup tree that this process may change, without changing anything (cgroups(7), and systemd's
 * CGROUP_DELEGATION.md: only delegated parts may be changed).
 */
export async function findCgroups(sources?: CgroupSources): Promise<FoundCgroups> {
  const { membership, mounts, isDelegated } = sources ?? {
    membership: await readFile('/proc/self/cgroup', 'utf8').catch(() => ''),
    mounts: await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''),
    isDelegated: askSystemd,
  }
  const groups = ownGroups(membership, parseMounts(mounts))
  const unified = groups.get('')
  const controllers = unified ? await readWords(join(unified.directory, 'cgroup.controllers')) : []
  if (unified && controllers.includes('memory')) return findUnified(unified, isDelegated)
  return findVersion1(groups)
}

/** A cgroup that this process is in. */
interface OwnGroup {
  readonly mountPoint: string
  /** Path below the mount point; empty for the mount point itself. */
  readonly path: string
  readonly directory: string
}

async function findUnified(
  { mountPoint, path }: OwnGroup,
  isDelegated: CgroupSources['isDelegated'],
): Promise<FoundCgroups> {
  const below = path.endsWith(`/${SERVICE_GROUP}`) ? path.slice(0, -SERVICE_GROUP.length - 1) : path
  const unit = /^.*\/([^/]+\.(?:service|scope))(?=\/|$)/.exec(below)
  const home = join(mountPoint, unit?.[0] ?? below)
  if (unit?.[1] !== undefined && !(await isOwnedByUser(home, below))) {
    const isOurs = await isDelegated(unit[1], isOfUserManager(below))
    if (!isOurs) return { why: `systemd has not delegated the cgroup of ${unit[1]} to it` }
  }
  const needed = ['', 'cgroup.procs', 'cgroup.subtree_control'].map((name) => join(home, name))
  const writable = await Promise.all(needed.map(isWritable))
  if (writable.includes(false)) return { why: `it may not write ${home}` }
  const controllers = await readWords(join(home, 'cgroup.controllers'))
  if (!controllers.includes('memory')) return { why: `${home} has no memory controller` }
  const has = (name: string) => (controllers.includes(name) ? home : undefined)
  return { version: 2, memory: home, pids: has('pids'), cpu: has('cpu') }
}

/** Whether the unit's user owns the directory: systemd hands a system unit over only if it is delegated. */
async function isOwnedByUser(directory: string, path: string): Promise<boolean> {
  if (isOfUserManager(path)) return false
  const owner = await stat(directory).then(
    ({ uid }) => uid,
    () => 0,
  )
  return owner !== 0 && owner === process.geteuid?.()
}

function isOfUserManager(path: string): boolean {
  return path.includes('/user@')
}

async function findVersion1(groups: ReadonlyMap<string, OwnGroup>): Promise<FoundCgroups> {
  const find = async (controller: string) => {
    const directory = groups.get(controller)?.directory
    return directory !== undefined && (await isWritable(directory)) ? directory : undefined
  }
  const [memory, pids, cpu] = await Promise.all(['memory', 'pids', 'cpu'].map(find))
  if (memory !== undefined) return { version: 1, memory, pids, cpu }
  const own = groups.get('memory')?.directory ?? groups.get('')?.directory
  return {
    why:
      own === undefined
        ? 'it sees no cgroup of its own'
        : `it may not write ${own}, or no memory controller is there`,
  }
}

interface CgroupMount {
  /** Controllers of version 1; `['']` for version 2, as in `/proc/self/cgroup`. */
  readonly controllers: readonly string[]
  /** The group that is mounted at the mount point. */
  readonly root: string
  readonly mountPoint: string
}

/** Fields as in proc_pid_mountinfo(5). */
function parseMounts(text: string): readonly CgroupMount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root, mountPoint] = before.split(' ').map(unescapeField)
    const [type, , options = ''] = after.split(' ')
    if (root === undefined || mountPoint === undefined) return []
    if (type === 'cgroup2') return [{ controllers: [''], root, mountPoint }]
    return type === 'cgroup' ? [{ controllers: options.split(','), root, mountPoint }] : []
  })
}

function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_all, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** The groups of this process by controller, as far as they are mounted. */
function ownGroups(membership: string, mounts: readonly CgroupMount[]): ReadonlyMap<string, OwnGroup> {
  const lines = membership.split('\n').map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
  const found = lines.flatMap((line) => {
    const [, controllers = '', path = ''] = line ?? []
    return line === null ? [] : controllers.split(',').map((controller) => ({ controller, path }))
  })
  return new Map(
    found.flatMap(({ controller, path }) => {
      const mount = mounts.find(({ controllers }) => controllers.includes(controller))
      const below = mount && pathBelow(mount.root, path)
      if (mount === undefined || below === undefined) return []
      const { mountPoint } = mount
      return [[controller, { mountPoint, path: below, directory: join(mountPoint, below) }] as const]
    }),
  )
}

/** Undefined if the mount does not include the path. */
function pathBelow(root: string, path: string): string | undefined {
  if (path.startsWith('/..')) return undefined
  const trimmed = path === '/' ? '' : path
  if (root === '/') return trimmed
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined
}

async function readWords(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split(/\s+/).filter(Boolean)
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}

function askSystemd(unit: string, isOfUser: boolean): Promise<boolean> {
  const args = [...(isOfUser ? ['--user'] : []), 'show', '--property=Delegate', '--value', '--', unit]
  const env = { PATH: '/usr/bin:/bin', XDG_RUNTIME_DIR: `/run/user/${process.geteuid?.() ?? 0}` }
  return new Promise((resolve) => {
    execFile('systemctl', args, { timeout: 5000, env }, (_error, stdout) => resolve(stdout.trim() === 'yes'))
  })
}
