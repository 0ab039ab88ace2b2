import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { unprivilegedUser } from './host-user.ts'

/** Whether local sandboxes can run here. `message` says what is missing and how to install it. */
type LocalSandboxProbe =
  | { readonly available: true; readonly bubblewrap: string; readonly version: string }
  | { readonly available: false; readonly message: string }

interface ProbeOptions {
  /** The host's PATH. */
  readonly path?: string | undefined
  readonly platform?: NodeJS.Platform
  /** Content of `/etc/os-release`; default: it is read from there. */
  readonly osRelease?: string
}

const OTHERWISE = 'Or set E2B_API_KEY to run every repository in a cloud sandbox.'
const OLDEST = [0, 8] as const

/** Finds bubblewrap and tries it, since even an installed one may not be allowed to create namespaces. */
export async function probeLocalSandbox(options: ProbeOptions = {}): Promise<LocalSandboxProbe> {
  const { platform = process.platform } = options
  if (platform !== 'linux') {
    return no('The local sandbox needs Linux. Set E2B_API_KEY to run repositories in E2B sandboxes instead.')
  }
  const bubblewrap = findProgram('bwrap', options.path)
  if (!bubblewrap) {
    const osRelease = options.osRelease ?? (await readFile('/etc/os-release', 'utf8').catch(() => ''))
    return no(`The local sandbox needs bubblewrap. Install it: ${installLine(osRelease)}\n${OTHERWISE}`)
  }
  const version = await readVersion(bubblewrap)
  if (isTooOld(version)) {
    return no(
      `bubblewrap ${version} is too old: ${OLDEST.join('.')} or newer is needed to forbid namespaces inside the sandbox. ${OTHERWISE}`,
    )
  }
  const failure = await tryBubblewrap(bubblewrap)
  if (failure !== undefined) return no(explainBubblewrapFailure(failure))
  return { available: true, bubblewrap, version }
}

/** The command that installs bubblewrap on the distribution that `/etc/os-release` describes. */
export function installLine(osRelease: string): string {
  const names = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) =>
    match[1]?.split(' '),
  )
  const is = (...wanted: string[]) => wanted.some((name) => names.includes(name))
  if (is('debian', 'ubuntu')) return 'sudo apt-get install -y bubblewrap'
  if (is('fedora', 'rhel', 'centos')) return 'sudo dnf install -y bubblewrap'
  if (is('arch')) return 'sudo pacman -S --noconfirm bubblewrap'
  if (is('alpine')) return 'sudo apk add bubblewrap bash'
  if (is('suse', 'opensuse')) return 'sudo zypper install -y bubblewrap'
  return 'the package is called `bubblewrap` (Debian and Ubuntu: sudo apt-get install -y bubblewrap)'
}

/** Explains an error of bubblewrap to the operator. */
export function explainBubblewrapFailure(stderr: string): string {
  const text = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
  if (/uid map|No permissions to creat|namespace failed|Operation not permitted/i.test(stderr)) {
    return (
      'bubblewrap is installed, but this system does not let it create user namespaces. ' +
      'On Ubuntu 24.04 and newer: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. ' +
      'On older Debian: sudo sysctl -w kernel.unprivileged_userns_clone=1. ' +
      'In Docker: start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined. ' +
      `${OTHERWISE} (bubblewrap: ${text})`
    )
  }
  return `The local sandbox could not start. ${OTHERWISE} (bubblewrap: ${text === '' ? 'no message' : text})`
}

function no(message: string): LocalSandboxProbe {
  return { available: false, message }
}

async function readVersion(bubblewrap: string): Promise<string> {
  const { stdout } = await promisify(execFile)(bubblewrap, ['--version'], { env: {} })
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '0'
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** @returns what bubblewrap printed on stderr; undefined if it worked. */
async function tryBubblewrap(bubblewrap: string): Promise<string | undefined> {
  const flags = [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    'true',
  ]
  try {
    await promisify(execFile)(bubblewrap, flags, { env: {}, cwd: '/', ...unprivilegedUser() })
    return undefined
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : 'it could not be started'
  }
}

/** Where a bare system has its programs. */
export const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** For programs of the system, which need nothing else from the environment of this process. */
export const SYSTEM_ENVIRONMENT = { PATH: SYSTEM_PATH.join(delimiter) }

/** Absolute path of a program; undefined if neither the PATH nor the system's directories have it. */
export function findProgram(name: string, path = ''): string | undefined {
  return [...path.split(delimiter), ...SYSTEM_PATH]
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
