import { readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join, sep } from 'node:path'
import { SYSTEM_PATH } from './probe-local-sandbox.ts'

/** A directory of the host, and its read-only path in a box. */
export interface Mount {
  readonly source: string
  readonly target: string
}

/** The host's tools that a box may use. */
interface Toolchains {
  /** PATH inside the box. */
  readonly path: readonly string[]
  /** Directories outside of `/usr` that PATH needs. */
  readonly mounts: readonly Mount[]
}

/** Where installers and the usual base images put compilers. */
const WELL_KNOWN = ['/usr/local/go/bin', '/usr/local/cargo/bin']
/** Homes also contain credentials; the others belong to another system, or contain no tools. */
const NEVER = [
  '/home',
  '/root',
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
/** Directories of version managers in a home: each contains one version of one tool, and nothing else. */
const MANAGED = [
  /\/\.nvm\/versions\/node\/[^/]+\/bin$/,
  /\/(?:\.fnm|\.local\/share\/fnm|Library\/fnm)\/node-versions\/[^/]+\/installation\/bin$/,
  /\/\.volta\/tools\/image\/node\/[^/]+\/bin$/,
  /\/(?:\.asdf|\.local\/share\/mise)\/installs\/[^/]+\/[^/]+\/bin$/,
  /\/\.(?:pyenv|rbenv|nodenv|goenv)\/versions\/[^/]+\/bin$/,
  /\/\.rustup\/toolchains\/[^/]+\/bin$/,
  /\/\.sdkman\/candidates\/[^/]+\/[^/]+\/bin$/,
]

interface ToolDirectory extends Mount {
  /** Directory of programs, as it is on the box's PATH. */
  readonly bin: string
}

/**
 * Picks from the host's PATH what a box may see: the system's directories, separate installations outside of homes, and
 * single versions that a version manager keeps in a home. These get another path in the box, since their own contains
 * the name of a user.
 *
 * @param hidden directories that are never shown, such as that of this program.
 */
export function findToolchains(path: string, hidden: readonly string[]): Toolchains {
  const never = [...NEVER, ...ownHome(), ...hidden]
  const named = [...path.split(delimiter), ...WELL_KNOWN].flatMap(followShims)
  const directories = [...new Set(named)].filter((directory) => {
    return (
      directory.startsWith('/') && !directory.includes('node_modules') && !SYSTEM_PATH.includes(directory)
    )
  })
  const found = directories.flatMap(
    (directory, index) => findToolDirectory(directory, { never, hidden, index }) ?? [],
  )
  return {
    path: [...SYSTEM_PATH.slice(0, 2), ...new Set(found.map(({ bin }) => bin)), ...SYSTEM_PATH.slice(2)],
    mounts: found
      .filter(({ source }) => !isBelow(source, '/usr'))
      .map(({ source, target }) => ({ source, target })),
  }
}

/** Whether a path is a directory or inside it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

function findToolDirectory(
  directory: string,
  options: { readonly never: readonly string[]; readonly hidden: readonly string[]; readonly index: number },
): ToolDirectory | undefined {
  const real = realDirectory(directory)
  const isIn = (roots: readonly string[]) =>
    roots.some((root) => isBelow(directory, root) || isBelow(real ?? '/', root))
  if (real === undefined || isIn(options.hidden)) return undefined
  if (MANAGED.some((pattern) => pattern.test(real))) {
    const target = `/backspace/tools/${options.index}`
    return { bin: `${target}/bin`, source: dirname(real), target }
  }
  if (isIn(options.never)) return undefined
  const installed = installation(directory)
  return { bin: directory, source: installed, target: installed }
}

function realDirectory(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isDirectory() ? real : undefined
  } catch {
    return undefined // PATH often names missing or unreadable directories.
  }
}

/** `/opt/go/bin` needs all of `/opt/go`; `/opt/bin` only itself. */
function installation(directory: string): string {
  const parent = dirname(directory)
  return basename(directory) === 'bin' && dirname(parent) !== '/' ? parent : directory
}

/** Our home, unless it is `/`, as for some services. */
function ownHome(): string[] {
  try {
    return [homedir()].filter((home) => home.startsWith('/') && home !== '/')
  } catch {
    return []
  }
}

/** These managers have a small program for every tool, which starts the version that a file names. */
const SHIMS = /\/\.(?:pyenv|rbenv|nodenv|goenv)\/shims$/
const CARGO = /\/\.cargo\/bin$/

/**
 * Replaces a version manager's directory on PATH by those of the versions that its user chose for this machine. The
 * manager itself stays outside: its directory is writable, and `.cargo` contains tokens.
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
