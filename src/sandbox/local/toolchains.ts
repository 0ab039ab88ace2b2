import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { installationParts } from './installation-parts.ts'
import { isBelow, type Mount } from './mount.ts'
import { SYSTEM_PATH } from './probe-local-sandbox.ts'
import { systemDirectories } from './system-directories.ts'

/** An installation of a tool: its path on the host, and its path in a box. */
export interface Toolchain extends Mount {
  /** The parts of it that a box sees. */
  readonly parts: readonly Mount[]
}

/** The host's tools that a box may use. */
interface Toolchains {
  /** PATH inside the box. */
  readonly path: readonly string[]
  /** The tools that are not in directories of the system. */
  readonly installed: readonly Toolchain[]
}

/** Where installers and the usual base images put compilers. */
const WELL_KNOWN = ['/usr/local/go/bin', '/usr/local/cargo/bin']
/**
 * Directories that are never shown: homes also contain credentials, and the others belong to the system or hold no
 * tools.
 */
const NEVER = [
  '/home',
  '/root',
  '/boot',
  '/etc',
  '/Users',
  '/mnt',
  '/media',
  '/tmp',
  '/var',
  '/proc',
  '/sys',
  '/dev',
  '/run',
  '/snap',
]
/** Directories of version managers in a home. Each contains one version of one tool, and nothing else. */
const MANAGED = [
  /\/\.nvm\/versions\/node\/[^/]+\/bin$/,
  /\/(?:\.fnm|\.local\/share\/fnm|Library\/fnm)\/node-versions\/[^/]+\/installation\/bin$/,
  /\/\.volta\/tools\/image\/node\/[^/]+\/bin$/,
  /\/(?:\.asdf|\.local\/share\/mise)\/installs\/[^/]+\/[^/]+\/bin$/,
  /\/\.(?:pyenv|rbenv|nodenv|goenv)\/versions\/[^/]+\/bin$/,
  /\/\.rustup\/toolchains\/[^/]+\/bin$/,
  /\/\.sdkman\/candidates\/[^/]+\/[^/]+\/bin$/,
]

interface ToolDirectory extends Toolchain {
  /** The directory of programs that goes on the box's PATH. */
  readonly bin: string
}

/** Where the usual images keep the toolchains that `/usr/local/cargo/bin` starts. */
const RUSTUP = '/usr/local/rustup'

/**
 * Picks from the host's PATH what a box may see: the system's directories, separate installations outside of homes, and
 * single versions that a version manager keeps in a home. The last ones get another path in the box, since their own
 * contains the name of a user.
 *
 * @param hidden directories that are never shown, such as that of Backspace itself.
 */
export function findToolchains(path: string, hidden: readonly string[]): Toolchains {
  const never = [...NEVER, ...ownHome(), ...hidden]
  const named = [...path.split(delimiter), ...WELL_KNOWN].flatMap(followShims)
  const directories = [...new Set(named)].filter((directory) => {
    return (
      directory.startsWith('/') && !directory.includes('node_modules') && !SYSTEM_PATH.includes(directory)
    )
  })
  const system = systemDirectories().map(({ path }) => path)
  const find = (directory: string, index: number) =>
    findToolDirectory(directory, { never, hidden, system, index }) ?? []
  const found = directories.flatMap(find)
  const others = otherVersions(directories).flatMap((directory, at) =>
    find(directory, directories.length + at),
  )
  return {
    path: [...SYSTEM_PATH.slice(0, 2), ...new Set(found.map(({ bin }) => bin)), ...SYSTEM_PATH.slice(2)],
    installed: [...[...found, ...others].filter(({ parts }) => parts.length > 0), ...systemRustup()],
  }
}

/** Most other versions: each of them takes a few mounts and some milliseconds. */
const MOST_OTHERS = 12

/**
 * Other versions of the tools whose version managers are on PATH, since a repository may ask for one. They are not put
 * on PATH.
 */
function otherVersions(directories: readonly string[]): readonly string[] {
  const onPath = new Set(directories.map((directory) => realDirectory(directory)))
  const siblings = [...onPath].flatMap((directory) => {
    const managed = directory !== undefined && MANAGED.some((pattern) => pattern.test(directory))
    // The version is the directory above `bin`; fnm has one more directory between them.
    const [, versions, rest = ''] = managed
      ? (/^(.*)\/[^/]+(\/(?:installation\/)?bin)$/.exec(directory) ?? [])
      : []
    return versions === undefined ? [] : listVersions(versions).map((name) => join(versions, name, rest))
  })
  return [...new Set(siblings)]
    .filter((directory) => !onPath.has(realDirectory(directory)) && existsSync(directory))
    .slice(0, MOST_OTHERS)
}

/** The versions in a directory, newest first by their names. */
function listVersions(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted((one, other) => other.localeCompare(one, 'en', { numeric: true }))
  } catch {
    return []
  }
}

function systemRustup(): readonly Toolchain[] {
  if (!existsSync(RUSTUP)) return []
  const paths = ['toolchains', 'settings.toml']
    .map((name) => join(RUSTUP, name))
    .filter((path) => existsSync(path))
  return [{ source: RUSTUP, target: RUSTUP, parts: paths.map((path) => ({ source: path, target: path })) }]
}

function findToolDirectory(
  directory: string,
  options: {
    readonly never: readonly string[]
    readonly hidden: readonly string[]
    readonly system: readonly string[]
    readonly index: number
  },
): ToolDirectory | undefined {
  const real = realDirectory(directory)
  const isIn = (roots: readonly string[]) =>
    roots.some((root) => isBelow(directory, root) || isBelow(real ?? '/', root))
  if (real === undefined || real === '/' || isIn(options.hidden)) return undefined
  if (MANAGED.some((pattern) => pattern.test(real))) {
    const target = `/backspace/tools/${options.index}`
    const mount = { source: dirname(real), target }
    return { bin: `${target}/bin`, ...mount, parts: installationParts(mount, { bin: real }) }
  }
  if (isIn(options.never)) return undefined
  const target = installation(directory)
  const mount = { source: realpathSync(target), target }
  const parts = installationParts(mount, { bin: directory }).filter(
    (part) => !options.system.some((root) => isBelow(part.target, root)),
  )
  return { bin: directory, ...mount, parts }
}

function realDirectory(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isDirectory() ? real : undefined
  } catch {
    return undefined // PATH often names directories that are missing or unreadable.
  }
}

/** The installation that a directory belongs to: `/opt/go/bin` belongs to `/opt/go`, but `/opt/bin` only to itself. */
function installation(directory: string): string {
  const parent = dirname(directory)
  return basename(directory) === 'bin' && dirname(parent) !== '/' ? parent : directory
}

/** The home of this process's user, unless it is `/`, as for some services. */
function ownHome(): string[] {
  try {
    return [homedir()].filter((home) => home.startsWith('/') && home !== '/')
  } catch {
    return []
  }
}

/** These managers have a small program for every tool. It starts the version that a file names. */
const SHIMS = /\/\.(?:pyenv|rbenv|nodenv|goenv)\/shims$/
const CARGO = /\/\.cargo\/bin$/

/**
 * Replaces a version manager's directory on PATH by the directories of the versions that its user chose for this
 * machine. The manager itself stays outside: its directory is writable, and `.cargo` contains tokens.
 *
 * @returns the directory itself if it is not that of a version manager.
 */
function followShims(directory: string): readonly string[] {
  const manager = dirname(directory)
  if (SHIMS.test(directory)) {
    const versions = readText(join(manager, 'version')).split(/\s+/).filter(isName)
    return versions.map((version) => join(manager, 'versions', version, 'bin'))
  }
  if (CARGO.test(directory)) {
    const rustup = join(dirname(manager), '.rustup')
    const settings = readText(join(rustup, 'settings.toml'))
    const toolchain = /^default_toolchain\s*=\s*"([^"]+)"/m.exec(settings)?.[1] ?? ''
    return isName(toolchain) ? [join(rustup, 'toolchains', toolchain, 'bin')] : []
  }
  return [directory]
}

/** Whether a text is the name of one directory, not a path. */
function isName(text: string): boolean {
  return text !== '' && text === basename(text) && !text.startsWith('.')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
