import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { HostUser } from './host-user.ts'
import { findProgram, SYSTEM_ENVIRONMENT } from './probe-local-sandbox.ts'

interface Mounting {
  /** Script for a shell in which any error ends the script. It removes its own arguments with `shift`. */
  readonly script: string
  readonly args: readonly string[]
  /** Names the kind of mount. It is the same for boxes whose arguments differ only in their own directories. */
  readonly what: string
  /** Undefined unless this process is root. */
  readonly user: HostUser | undefined
  /** True if the next program has to start as root. */
  readonly staysRoot: boolean
}

export interface MountFirst {
  /**
   * Runs a script that mounts something, in a mount namespace of its own, so that nothing changes for the rest of the
   * machine; another program then starts there.
   *
   * @returns program and arguments that come before those of the next program; undefined where this process may not
   * mount, as in many containers.
   */
  before(mounting: Mounting): Promise<readonly [string, ...string[]] | undefined>
  /** Makes every mount be tried out again. Call it when a box did not start. */
  forget(): void
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

/** Whether this process may mount something is tried out each time, until it has worked once. */
export function createMountFirst(): MountFirst {
  const worked = new Set<string>()
  return {
    async before({ script, args, what, user, staysRoot }) {
      const unshare = findProgram('unshare')
      if (unshare === undefined || (user && findProgram('setpriv') === undefined)) return undefined
      // Root mounts as itself. Any other user mounts as root of a user namespace of its own.
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
      if (!worked.has(what)) {
        const attempt = promisify(execFile)(unshare, [...start('', ''), '/bin/true'], {
          env: SYSTEM_ENVIRONMENT,
        })
        if (!(await attempt.then(Boolean, () => false))) return undefined
        worked.add(what)
      }
      return [unshare, ...(user && !staysRoot ? start(String(user.uid), String(user.gid)) : start('', ''))]
    },
    forget: () => worked.clear(),
  }
}
