import { existsSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Spawner } from '../../processes/spawner.ts'
import { INSIDE } from './bubblewrap-options.ts'
import { findHiddenEntries, type HiddenEntry } from './hidden-entries.ts'
import { type HostUser, isOpenToAll } from './host-user.ts'
import type { Mount } from './mount.ts'
import type { MountFirst } from './mount-first.ts'
import type { ToolScripts } from './tool-scripts.ts'
import { findToolchains } from './toolchains.ts'

/** Directories of the host. Only root can enter some of them. */
interface LentDirectories {
  /** The mounts, with sources that the unprivileged user can reach. */
  readonly mounts: readonly Mount[]
  /** Program and arguments that must run as root before bubblewrap; undefined if none are needed. */
  readonly lender: readonly [string, ...string[]] | undefined
}

/** The host's tools as a box sees them. */
interface StagedToolchains extends LentDirectories {
  /** PATH, and the library path of tools that are not where they were built for. */
  readonly env: Readonly<Record<string, string>>
  /** Entries inside the mounts and the system's directories that the box must not see. */
  readonly hidden: readonly HiddenEntry[]
}

interface StageOptions {
  /** Files and directories of the service. */
  readonly own: readonly string[]
  /** Further programs that a box gets. Those that do not exist are left out. */
  readonly programs: readonly Mount[]
  readonly user: HostUser | undefined
  /** Private directory of the box on the host. */
  readonly directory: string
  readonly mountFirst: MountFirst
  readonly toolScripts: ToolScripts
  readonly spawner: Spawner
}

/** Finds the tools on the host's PATH, and makes them work at their paths in a box. */
export async function stageToolchains(
  path: string,
  { own, programs, ...place }: StageOptions,
): Promise<StagedToolchains> {
  const { user, directory, toolScripts, spawner } = place
  const toolchains = findToolchains(path, own)
  const parts = toolchains.installed.flatMap((toolchain) => toolchain.parts)
  const besides = programs.filter(({ source }) => existsSync(source))
  const { mounts, lender } = await lendDirectories([...parts, ...besides], place)
  const offered = toolchains.installed.filter((toolchain) =>
    toolchain.parts.every(({ target }) => mounts.some((mount) => mount.target === target)),
  )
  const moved = offered.filter(({ source, target }) => source !== target)
  const scripts = await Promise.all(moved.map((toolchain) => toolScripts.stage(directory, toolchain)))
  const staged = scripts.filter((mount) => mount !== undefined)
  const libraries = await Promise.all(moved.map(ownLibraries))
  const libraryPath = libraries.flat().join(':')
  // Other versions are not on PATH, so their scripts must not be either.
  const isOnPath = ({ target }: Mount) => toolchains.path.some((path) => path === binOf(target))
  const scriptsOnPath = staged.filter(isOnPath).map(({ target }) => target)
  const bins = [...scriptsOnPath, ...toolchains.path, INSIDE.bin]
  const env: Record<string, string> = { PATH: bins.join(':') }
  if (libraryPath !== '') env.LD_LIBRARY_PATH = libraryPath
  return {
    mounts: [...mounts, ...staged],
    lender,
    env,
    hidden: await findHiddenEntries({ own, toolchains: offered, user, spawner }),
  }
}

/**
 * Mounts directories and files below `$1`: those of the table `$2`, at the places in `$3` and `$4`. One `mount` does
 * all of them, since a process for each would take a hundred times as long. Where `mount` does not know tables, as in
 * old busyboxes, they are mounted one by one.
 */
const LEND = `
place=$1 table=$2 directories=$3 files=$4
shift 4
mount -t tmpfs -o mode=755 none "$place"
cd "$place"
[ -z "$directories" ] || mkdir $directories
for file in $files; do : >"$file"; done
if ! mount -a -T "$table" 2>/dev/null; then
  while read -r source target rest; do mount --bind "$(printf %b "$source")" "$(printf %b "$target")"; done <"$table"
fi`

/** A path in a table of mounts; see fstab(5). */
const inTable = (path: string) =>
  path.replace(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`)

/**
 * Makes directories that only root can enter reachable: root's toolchains are below `/root`, which the user of a box
 * may not enter, so root lends them to the box. Where root may not mount, boxes go without them.
 */
async function lendDirectories(
  mounts: readonly Mount[],
  { user, directory, mountFirst }: Omit<StageOptions, 'own' | 'programs' | 'toolScripts'>,
): Promise<LentDirectories> {
  if (user === undefined) return { mounts, lender: undefined }
  const open = await Promise.all(mounts.map(({ source }) => isOpenToAll(source).catch(() => false)))
  const reachable = mounts.filter((_mount, index) => open[index])
  const closed = mounts.filter((_mount, index) => !open[index])
  if (closed.length === 0) return { mounts: reachable, lender: undefined }
  const place = join(directory, 'lent')
  await mkdir(place)
  const lent = closed.map(({ target }, index) => ({ source: join(place, String(index)), target }))
  const areDirectories = await Promise.all(closed.map(({ source }) => isDirectory(source)))
  const numbers = (wanted: boolean) =>
    [...closed.keys()].filter((index) => areDirectories[index] === wanted).join(' ')
  const table = join(directory, 'lent.table')
  const lines = closed.map(
    ({ source }, index) => `${inTable(source)} ${inTable(lent[index]?.source ?? '')} none bind 0 0\n`,
  )
  await writeFile(table, lines.join(''), { mode: 0o600 })
  const args = [place, table, numbers(true), numbers(false)]
  const what = `lend ${closed.map(({ source }) => source).join('\n')}`
  const lender = await mountFirst.before({ script: LEND, args, what, user, staysRoot: false })
  return lender === undefined ? { mounts: reachable, lender } : { mounts: [...reachable, ...lent], lender }
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

/** The directory of programs that wrappers belong to: `/backspace/scripts/3` belongs to `/backspace/tools/3/bin`. */
function binOf(scripts: string): string {
  return `${scripts.replace('/scripts/', '/tools/')}/bin`
}

/** Directories of shared libraries. An interpreter looks for its own at the path that it was built for. */
async function ownLibraries({ source, target }: Mount): Promise<readonly string[]> {
  const names = await readdir(join(source, 'lib')).catch(() => [])
  return names.some((name) => /^lib(?:python|ruby).*\.so/.test(name)) ? [`${target}/lib`] : []
}
