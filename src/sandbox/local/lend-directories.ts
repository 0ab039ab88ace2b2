import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type HostUser, isOpenToAll } from './host-user.ts'
import type { Mount } from './mount.ts'
import { findProgram } from './probe-local-sandbox.ts'

/** How to start a box that can see directories which only root can enter. */
export interface LentDirectories {
  /** The mounts, with sources that the unprivileged user can reach. */
  readonly mounts: readonly Mount[]
  /** Program and arguments to run as root, followed by those of bubblewrap; undefined if none is needed. */
  readonly lender: readonly [string, ...string[]] | undefined
}

/** Mounts each directory below `$3`, visible to this process and its descendants only, then changes to the user. */
const LEND = `
set -e
user=$1 group=$2 place=$3
shift 3
mount -t tmpfs -o mode=755 none "$place"
index=0
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir "$place/$index"; else : >"$place/$index"; fi
  mount --bind "$1" "$place/$index"
  index=$((index + 1))
  shift
done
shift
exec setpriv --reuid "$user" --regid "$group" --clear-groups -- env -i "$@"
`

/**
 * Toolchains of root are below `/root`, which the user of a box may not enter. Root lends them in a mount namespace of its
 * own, so that nothing changes for the rest of the machine. Where root may not do that, as in many containers, boxes go
 * without them.
 */
export async function lendDirectories(
  mounts: readonly Mount[],
  { user, directory }: { readonly user: HostUser | undefined; readonly directory: string },
): Promise<LentDirectories> {
  if (user === undefined) return { mounts, lender: undefined }
  const open = await Promise.all(mounts.map(({ source }) => isOpenToAll(source).catch(() => false)))
  const reachable = mounts.filter((_mount, index) => open[index])
  const closed = mounts.filter((_mount, index) => !open[index])
  const [unshare, setpriv] = [findProgram('unshare'), findProgram('setpriv')]
  if (closed.length === 0 || unshare === undefined || setpriv === undefined) {
    return { mounts: reachable, lender: undefined }
  }
  const place = join(directory, 'lent')
  await mkdir(place)
  const alone = ['--mount', '--propagation', 'private', '--'] as const
  const attempt = promisify(execFile)(unshare, [...alone, 'mount', '-t', 'tmpfs', 'none', place])
  if (!(await attempt.then(Boolean, () => false))) return { mounts: reachable, lender: undefined }
  const names = [user.uid, user.gid].map(String)
  const sources = closed.map(({ source }) => source)
  const lent = closed.map(({ target }, index) => ({ source: join(place, String(index)), target }))
  return {
    mounts: [...reachable, ...lent],
    lender: [unshare, ...alone, '/bin/sh', '-c', LEND, 'lend', ...names, place, ...sources, '--'],
  }
}
