import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { HostUser } from './host-user.ts'
import { findProgram, SYSTEM_ENVIRONMENT } from './probe-local-sandbox.ts'

interface Mounting {
  /** For a shell in which any error ends the script. It takes its own arguments off with `shift`. */
  readonly script: string
  readonly args: readonly string[]
  /** Undefined unless this process is root. */
  readonly user: HostUser | undefined
  /** True if the next program has to start as root. */
  readonly staysRoot: boolean
}

/** `$1` and `$2`: the user and group to change to, or empty. */
const shell = (script: string) => `
set -e
user=$1 group=$2
shift 2
${script}
cd /
if [ -z "$user" ]; then exec "$@"; fi
exec setpriv --reuid "$user" --regid "$group" --clear-groups -- env -i "$@"
`

/**
 * Lets a script mount in a mount namespace of its own, so that nothing changes for the rest of the machine, before another
 * program starts there.
 *
 * @returns program and arguments to start with, followed by those of the next one; undefined where this process may not
 * mount, as in many containers. That is tried out.
 */
export async function mountFirst({
  script,
  args,
  user,
  staysRoot,
}: Mounting): Promise<readonly [string, ...string[]] | undefined> {
  const unshare = findProgram('unshare')
  if (unshare === undefined || (user && findProgram('setpriv') === undefined)) return undefined
  // Root mounts as itself; another user does it as root of a user namespace of its own.
  const alone = user ? [] : ['--user', '--map-root-user']
  const namespace = [...alone, '--mount', '--propagation', 'private', '--']
  const start = (...ids: readonly string[]) => [
    ...namespace,
    '/bin/sh',
    '-c',
    shell(script),
    'mount-first',
    ...ids,
    ...args,
  ]
  const attempt = promisify(execFile)(unshare, [...start('', ''), '/bin/true'], { env: SYSTEM_ENVIRONMENT })
  if (!(await attempt.then(Boolean, () => false))) return undefined
  return [unshare, ...(user && !staysRoot ? start(String(user.uid), String(user.gid)) : start('', ''))]
}
