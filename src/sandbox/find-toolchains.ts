import { existsSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, sep } from 'node:path'
import { SYSTEM_PATH } from './find-program.ts'

/** Tools of the host that a box may use. */
export interface Toolchains {
  /** PATH inside the box. */
  readonly path: readonly string[]
  /** Directories outside of `/usr` that PATH needs, to be mounted read-only. */
  readonly directories: readonly string[]
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

/**
 * Picks from the host's PATH what a box may see: the system's directories, and installations of their own
 * outside of anybody's home.
 *
 * @param hidden directories that must not be shown even so, such as that of this program.
 */
export function findToolchains(path: string, hidden: readonly string[]): Toolchains {
  const never = [...NEVER, homedir(), ...hidden]
  const extra = [...path.split(delimiter), ...WELL_KNOWN].filter((directory) => isToolchain(directory, never))
  const outside = extra.filter((directory) => !isBelow(directory, '/usr'))
  return {
    path: [...new Set([...SYSTEM_PATH.slice(0, 2), ...extra, ...SYSTEM_PATH.slice(2)])],
    directories: [...new Set(outside.map(installation))],
  }
}

/** Whether a path is a directory or lies in it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

function isToolchain(directory: string, never: readonly string[]): boolean {
  if (!directory.startsWith('/') || directory.includes('node_modules') || !existsSync(directory)) return false
  if (SYSTEM_PATH.includes(directory)) return false
  const real = realpathSync(directory)
  return (
    statSync(real).isDirectory() &&
    !never.some((prefix) => isBelow(directory, prefix) || isBelow(real, prefix))
  )
}

/** `/opt/go/bin` needs all of `/opt/go`; `/opt/bin` only itself. */
function installation(directory: string): string {
  const parent = dirname(directory)
  return basename(directory) === 'bin' && dirname(parent) !== '/' ? parent : directory
}
