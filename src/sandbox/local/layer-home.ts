import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Spawner } from '../../processes/spawner.ts'
import { copyTree } from './copy-tree.ts'
import type { HostUser } from './host-user.ts'
import type { MountFirst } from './mount-first.ts'

/** The home of a box, as a directory of the host. */
interface BoxHome {
  /** The home as the box sees it. If it has a layer below it, only the box's own mount namespace shows its content. */
  readonly home: string
  /** The directory that the box writes to. */
  readonly written: string
  /** Program and arguments that must come before the next program's; empty if none are needed. */
  readonly lender: readonly string[]
}

interface LayerOptions {
  /** Private directory of the box on the host. */
  readonly directory: string
  readonly user: HostUser | undefined
  /** A directory whose content the home starts with. It is never written to. Default: the home starts empty. */
  readonly below?: string | undefined
  /** True if the next program has to start as root. */
  readonly staysRoot: boolean
  readonly mountFirst: MountFirst
  readonly spawner: Spawner
}

/**
 * Shell script. `$1`: the box's directory, `$2`: the layer below, `$3`: mount options. Names are relative, since commas
 * and colons in paths would be taken for separators.
 */
const LAYER = `
cd "$1"
mount --bind "$2" below
mount -t overlay none -o "$3"lowerdir=below,upperdir=upper,workdir=work home
shift 3`

/**
 * Makes the only directory on disk that a box writes to. Its user may enter the parent but not read it. A layer below
 * is mounted under it, copy-on-write, in a mount namespace of the box. Where that is not possible, its files are
 * copied.
 */
export async function layerHome(options: LayerOptions): Promise<BoxHome> {
  const { directory, user, below } = options
  const home = join(directory, 'home')
  await makeDirectory(home, user)
  if (user) {
    await chown(directory, 0, user.gid)
    await chmod(directory, 0o710) // Keeps other users of the machine out, whatever the box does to its home.
  }
  if (below === undefined) return { home, written: home, lender: [] }
  const layered = await tryLayer({ ...options, below })
  if (layered) return { home, written: join(directory, 'upper'), lender: layered }
  // This process copies, since the user may not reach the layer. No code can change the layer meanwhile.
  await copyTree({ from: below, to: home, user: undefined, spawner: options.spawner })
  return { home, written: home, lender: [] }
}

async function makeDirectory(path: string, user: HostUser | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 })
  if (user) await chown(path, user.uid, user.gid)
}

/** @returns program and arguments that must come first; undefined if this machine cannot layer directories. */
async function tryLayer({
  directory,
  user,
  below,
  staysRoot,
  mountFirst,
}: LayerOptions & { readonly below: string }): Promise<readonly string[] | undefined> {
  for (const name of ['upper', 'work']) await makeDirectory(join(directory, name), user)
  await mkdir(join(directory, 'below'))
  const args = [directory, below, user ? '' : 'userxattr,']
  return mountFirst.before({ script: LAYER, args, what: `layer ${below}`, user, staysRoot })
}
