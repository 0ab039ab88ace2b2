import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import type { Spawner } from '../../processes/spawner.ts'
import type { HostUser } from './host-user.ts'
import { isBelow, type Mount } from './mount.ts'
import { etcMounts, systemDirectories } from './system-directories.ts'
import type { Toolchain } from './toolchains.ts'

/** A path that a box would see but must not. */
export interface HiddenEntry {
  /** Inside the box. */
  readonly path: string
  readonly isDirectory: boolean
}

interface HideOptions {
  /** Files and directories of the service: its program, keys and data. */
  readonly own: readonly string[]
  readonly toolchains: readonly Toolchain[]
  /** See `unprivilegedUser`. */
  readonly user: HostUser | undefined
  readonly spawner: Spawner
}

/** Each hidden entry costs a mount. If there are more than this, whole directories are hidden. */
const MAX_PRIVATE = 200
const SEARCH_TIMEOUT_MS = 60_000

/**
 * Finds what a box must not see inside the directories that it sees: what belongs to the service, even where it is
 * mounted a second time; dot files beside programs; and files that not every user of the machine may read. If boxes run
 * as another user, the kernel refuses the last kind anyway; but if this process is an ordinary user, its boxes run as
 * that user, too.
 */
export async function findHiddenEntries({
  own,
  toolchains,
  user,
  spawner,
}: HideOptions): Promise<readonly HiddenEntry[]> {
  const system = systemDirectories()
    .filter(({ link }) => link === undefined)
    .map(({ path }) => ({ source: path, target: path }))
  const etc = etcMounts().map(({ source, target }) => ({ source: realpathSync(source), target }))
  const parts = toolchains.flatMap((toolchain) => toolchain.parts)
  const mountInfo = readMountInfo()
  const everywhere = own
    .flatMap((path) => [path, ...realPaths(path)])
    .flatMap((path) => [path, ...otherPaths(path, mountInfo)])
  const found = [...system, ...etc, ...parts].flatMap((mount) =>
    everywhere.flatMap((path) => inBox(path, mount)),
  )
  const dotFiles = parts.flatMap(listDotFiles)
  if (user !== undefined) return toEntries([...found, ...dotFiles])
  const local = system.filter(({ source }) => isBelow(source, '/usr/local'))
  const searched = [...local, ...etc, ...toolchains.filter(isForAll).flatMap((toolchain) => toolchain.parts)]
  return toEntries([...found, ...dotFiles, ...(await findPrivate(searched, spawner))])
}

interface HiddenPath {
  readonly source: string
  readonly target: string
}

function toEntries(paths: readonly HiddenPath[]): readonly HiddenEntry[] {
  const byTarget = new Map(paths.map((path) => [path.target, path]))
  const all = [...byTarget.values()].filter(({ source }) => existsSync(source))
  // An entry inside a hidden directory is hidden already.
  return all
    .filter(({ target }) => !all.some((other) => other.target !== target && isBelow(target, other.target)))
    .map(({ source, target }) => ({ path: target, isDirectory: statSync(source).isDirectory() }))
}

/** Where a box would see a path of the host. If the path contains a whole mount, that is all of the mount. */
function inBox(path: string, { source, target }: Mount): readonly HiddenPath[] {
  if (isBelow(path, source)) return [{ source: path, target: join(target, relative(source, path)) }]
  return path !== '/' && isBelow(source, path) ? [{ source, target }] : []
}

function realPaths(path: string): readonly string[] {
  try {
    return [realpathSync(path)]
  } catch {
    return []
  }
}

interface MountPoint {
  readonly device: string
  /** Path of the mount's root within its file system. */
  readonly root: string
  readonly point: string
}

/** Lines of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
function readMountInfo(): readonly MountPoint[] {
  let text: string
  try {
    text = readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return []
  }
  const plain = (field = '') =>
    field.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
  return text.split('\n').map((line) => {
    const [, , device = '', root, point] = line.split(' ')
    return { device, root: plain(root), point: plain(point) }
  })
}

/** Other paths at which the same file or directory, or a part of the directory, is mounted. */
export function otherPaths(path: string, mounts: readonly MountPoint[]): readonly string[] {
  const around = mounts.filter(({ point }) => point !== '' && isBelow(path, point))
  const home = around.reduce<MountPoint | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  )
  if (home === undefined) return []
  const within = join(home.root, relative(home.point, path))
  return mounts
    .filter((mount) => mount !== home && mount.device === home.device)
    .flatMap(({ root, point }) => {
      if (isBelow(within, root)) return [join(point, relative(root, within))]
      return isBelow(root, within) ? [point] : []
    })
}

function listDotFiles({ source, target }: Mount): readonly HiddenPath[] {
  if (!/^s?bin$/.test(basename(target)) || !statSync(source).isDirectory()) return []
  return readdirSync(source)
    .filter((name) => name.startsWith('.'))
    .map((name) => ({ source: join(source, name), target: join(target, name) }))
}

/**
 * Whether every user may read an installation. A version in a home is often installed for its user alone; then none of
 * its files is more private than the others.
 */
function isForAll({ source, target }: Toolchain): boolean {
  return source === target || (statSync(source).mode & 0o005) === 0o005
}

/** Files and directories in the mounts that not every user may read; whole mounts if they cannot be searched. */
async function findPrivate(mounts: readonly Mount[], spawner: Spawner): Promise<readonly HiddenPath[]> {
  if (mounts.length === 0) return []
  const condition = [
    '(',
    '-type',
    'f',
    '!',
    '-perm',
    '-004',
    '-o',
    '-type',
    'd',
    '!',
    '-perm',
    '-005',
    '-prune',
    ')',
  ]
  const paths = await find(spawner, [...mounts.map(({ source }) => source), ...condition, '-print0'])
  const found = mounts.flatMap((mount) => paths?.flatMap((path) => inBox(path, mount)) ?? [mount])
  if (found.length <= MAX_PRIVATE) return found
  return mounts.filter(({ target }) => found.some((path) => isBelow(path.target, target)))
}

async function find(spawner: Spawner, args: readonly string[]): Promise<readonly string[] | undefined> {
  const command = { program: 'find', args, env: { PATH: '/usr/bin:/bin' } }
  const ended = await spawner.run(command, { timeoutMs: SEARCH_TIMEOUT_MS }).catch(() => undefined)
  // Status 1 means that something could not be read. A box cannot read it either.
  const isComplete = ended?.code === 0 || ended?.code === 1
  return isComplete ? ended.stdout.split('\0').filter((path) => path !== '') : undefined
}
