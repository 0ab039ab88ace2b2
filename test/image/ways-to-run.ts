import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Buildah } from './buildah.ts'

type Environment = Readonly<Record<string, string>>

/** The options with which buildah runs a command as the image says: its user, and the network of this machine. */
export function runOptions(user: string, env: Environment): string[] {
  const given = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return ['run', '--isolation', 'chroot', '--network', 'host', '--user', user, ...given]
}

/** Starts the image in a chroot, where the kernel makes no user namespace. buildah reads neither its entry nor its command. */
export function startInChroot(
  buildah: Buildah,
  container: string,
  { user, command, env }: { user: string; command: readonly string[]; env: Environment },
): ChildProcess {
  const args = [...runOptions(user, env), container, '--', ...command]
  return buildah.start(args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** In a mount namespace of its own: the storage of buildah is root's, so the files are shown at another place. */
const SHOW = 'mount --bind "$1" "$2" && shift 2 && exec setpriv --reuid=1000 --regid=1000 --clear-groups "$@"'

/**
 * Starts the image as compose.yaml and Kubernetes do, with a root that is read-only, in a container that bubblewrap makes: as 1000:1000,
 * with processes of its own, and where this machine allows it with user namespaces.
 *
 * @param root where the files of the image are mounted.
 */
export function startReadOnly(
  root: string,
  { command, env }: { command: readonly string[]; env: Environment },
): { readonly child: ChildProcess; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'backspace-image-'))
  chmodSync(directory, 0o755)
  const [files, data] = [join(directory, 'files'), join(directory, 'data')]
  mkdirSync(files)
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, 1000, 1000)
  const given = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])
  const mounts = [
    '--ro-bind',
    files,
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    '--bind',
    data,
    '/data',
  ]
  const alone = [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--as-pid-1',
    '--clearenv',
    '--chdir',
    '/app',
  ]
  const bubblewrap = [
    'bwrap',
    '--uid',
    '1000',
    '--gid',
    '1000',
    ...alone,
    ...mounts,
    ...given,
    '--',
    ...command,
  ]
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', SHOW, 'sh', root, files, ...bubblewrap]
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  return { child, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
