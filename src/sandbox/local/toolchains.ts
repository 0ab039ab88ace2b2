import { readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join, sep } from 'node:path'
import { SYSTEM_PATH } from './probe-local-sandbox.ts'

/** A directory of the host, and where a box has it, read-only. */
export interface Mount {
  readonly source: string
  readonly target: string
}

/** Tools of the host that a box may use. */
interface Toolchains {
  /** PATH inside the box. */
  readonly path: readonly string[]
  /** Directories outside of `/usr` that PATH needs. */
  readonly mounts: readonly Mount[]
}

/** Where compilers are put by their own installers and by the usual base images. */
const WELL_KNOWN = ['/usr/local/go/bin', '/usr/local/cargo/bin']
/** Homes hold credentials beside tools; the others are not of this system, or not tools. */
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
/** What version managers put into a home: one directory that holds one version of one tool, and nothing else. */
const MANAGED = [
  /\/\.nvm\/versions\/node\/[^/]+\/bin$/,
  /\/(?:\.fnm|\.local\/share\/fnm|Library\/fnm)\/node-versions\/[^/]+\/installation\/bin$/,
  /\/\.volta\/tools\/image\/node\/[^/]+\/bin$/,
  /\/(?:\.asdf|\.local\/share\/mise)\/installs\/[^/]+\/[^/]+\/bin$/,
  /\/\.(?:pyenv|rbenv|nodenv|goenv)\/versions\/[^/]+\/bin$/,
  /\/\.rustup\/toolchains\/[^/]+\/bin$/,
  /\/\.sdkman\/candidates\/[^/]+\/[^/]+\/bin$/,
]

interface Place extends Mount {
  /** Directory of programs, as the box has it on its PATH. */
  readonly bin: string
}

/**
 * Picks from the host's PATH what a box may see: the system's directories, installations of their own outside of
 * anybody's home, and single versions that a version manager keeps in a home. Those are mounted elsewhere, since
 * their path says whose home it is.
 *
 * @param hidden directories that must not be shown even so, such as that of this program.
 */
export function findToolchains(path: string, hidden: readonly string[]): Toolchains {
  const never = [...NEVER, ...ownHome(), ...hidden]
  const named = [...path.split(delimiter), ...WELL_KNOWN].flatMap(followShims)
  const directories = [...new Set(named)].filter((directory) => {
    return (
      directory.startsWith('/') && !directory.includes('node_modules') && !SYSTEM_PATH.includes(directory)
    )
  })
  const places = directories.flatMap(
    (directory, index) => findPlace(directory, { never, hidden, index }) ?? [],
  )
  return {
    path: [...SYSTEM_PATH.slice(0, 2), ...new Set(places.map(({ bin }) => bin)), ...SYSTEM_PATH.slice(2)],
    mounts: places
      .filter(({ source }) => !isBelow(source, '/usr'))
      .map(({ source, target }) => ({ source, target })),
  }
}

/** Whether a path is a directory or lies in it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

function findPlace(
  directory: string,
  options: { readonly never: readonly string[]; readonly hidden: readonly string[]; readonly index: number },
): Place | undefined {
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
    return undefined // PATH often names directories that are not there, or not for us.
  }
}

/** `/opt/go/bin` needs all of `/opt/go`; `/opt/bin` only itself. */
function installation(directory: string): string {
  const parent = dirname(directory)
  return basename(directory) === 'bin' && dirname(parent) !== '/' ? parent : directory
}

/** Not `/`, which some services have for a home: then nothing but the well-known homes is one. */
function ownHome(): string[] {
  try {
    return [homedir()].filter((home) => home.startsWith('/') && home !== '/')
  } catch {
    return []
  }
}

/** Managers that keep one small program for every tool, which starts the version that a file names. */
const SHIMS = /\/\.(?:pyenv|rbenv|nodenv|goenv)\/shims$/
const CARGO = /\/\.cargo\/bin$/

/**
 * Directories of the versions that a version manager's directory on PATH stands for, as its user has chosen them
 * for this machine. The manager itself stays outside: its directory is writable, and `.cargo` holds tokens.
 *
 * @returns the directory itself when it is not one of a version manager.
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

/** A name of one directory, not a path. */
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
