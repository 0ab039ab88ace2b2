import { createHash, randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Spawner } from '../../processes/spawner.ts'
import type { SandboxSnapshots, SnapshotInfo } from '../snapshots.ts'
import { removeBoxDirectory } from './box-directory.ts'
import { copyTree } from './copy-tree.ts'
import type { HostUser } from './host-user.ts'
import { SYSTEM_ENVIRONMENT } from './probe-local-sandbox.ts'
import { systemDirectories } from './system-directories.ts'
import { findToolchains } from './toolchains.ts'

interface LocalSnapshotsOptions {
  /** Directory of the snapshots; created if missing. */
  readonly directory: string
  /** A home with more bytes than this is not kept. */
  readonly maxBytes: number
  /** The host's PATH, and with `own` the service's files, as for boxes. */
  readonly path: string
  readonly own: readonly string[]
  /** The home of a running box; undefined if there is no such box, or its home cannot be kept. */
  readonly homeOf: (sandboxId: string) => string | undefined
  readonly spawner: Spawner
}

/** A snapshot that a box starts from. */
interface UsedSnapshot extends Disposable {
  readonly home: string
  /** The user that owns the files and that the box must run as; undefined if this process is not root. */
  readonly user: HostUser | undefined
}

export interface LocalSnapshots extends SandboxSnapshots {
  /** Keeps a snapshot from being removed until the result is disposed of; undefined if there is no such snapshot. */
  use(id: string): Promise<UsedSnapshot | undefined>
}

/** The form of a snapshot's id. It keeps other directories from being taken for snapshots. */
const ID = /^[a-z0-9-]{1,40}\.[0-9a-f-]{36}$/
/** Ending of the name of a snapshot that is still being made. */
const UNFINISHED = '.unfinished'
const ABANDONED_MS = 60 * 60_000

/** Keeps snapshots as directories of this machine. A box sees one as a layer under its home and cannot write to it. */
export function createLocalSnapshots(options: LocalSnapshotsOptions): LocalSnapshots {
  const { directory, maxBytes, homeOf, spawner } = options
  const uses = new Map<string, number>()
  const unwanted = new Set<string>()
  const homeIn = (id: string) => join(directory, id, 'home')

  async function remove(id: string): Promise<void> {
    if (!ID.test(id)) return
    unwanted.add(id)
    if ((uses.get(id) ?? 0) > 0) return // The last box that uses the snapshot removes it.
    await removeBoxDirectory(join(directory, id), spawner)
  }

  return {
    environment: () => describeMachine(options),
    async take(sandboxId, { name, signal }) {
      const home = homeOf(sandboxId)
      if (home === undefined) return undefined
      const bytes = await sizeOf(home, { spawner, signal })
      if (bytes === undefined || bytes > maxBytes) return undefined
      const id = `${name}.${randomUUID()}`
      const unfinished = join(directory, `${id}${UNFINISHED}`)
      try {
        const user = await ownerOf(home)
        await mkdir(join(unfinished, 'home'), { recursive: true, mode: 0o700 })
        if (user) {
          await chown(join(unfinished, 'home'), user.uid, user.gid)
          await chown(unfinished, 0, user.gid)
          await chmod(unfinished, 0o710)
        }
        await copyTree({ from: home, to: join(unfinished, 'home'), user, signal, spawner })
        await writeFile(join(unfinished, 'bytes'), String(bytes))
        await rename(unfinished, join(directory, id))
        return { id, name, bytes }
      } catch {
        // The disk may be full, or files may have changed meanwhile. The run goes on without a snapshot.
        await removeBoxDirectory(unfinished, spawner)
        return undefined
      }
    },
    remove,
    async list() {
      const names = await readdir(directory).catch(() => [])
      const found = await Promise.all(
        names.filter((name) => ID.test(name)).map((id) => readInfo(directory, id)),
      )
      return found.filter((info) => !unwanted.has(info.id))
    },
    async use(id) {
      if (!ID.test(id) || unwanted.has(id)) return undefined
      const home = homeIn(id)
      const found = await stat(home).catch(() => undefined)
      if (!found?.isDirectory()) return undefined
      uses.set(id, (uses.get(id) ?? 0) + 1)
      return {
        home,
        user: await ownerOf(home),
        [Symbol.dispose]() {
          uses.set(id, (uses.get(id) ?? 1) - 1)
          if (unwanted.has(id)) void remove(id)
        },
      }
    },
  }
}

/** Removes snapshots that were never finished because their process ended. */
export async function removeUnfinishedSnapshots(directory: string, spawner: Spawner): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.endsWith(UNFINISHED)) continue
    const path = join(directory, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    // A younger one may still be in the making, by another process.
    if (Date.now() - mtimeMs > ABANDONED_MS) await removeBoxDirectory(path, spawner)
  }
}

async function readInfo(directory: string, id: string): Promise<SnapshotInfo> {
  const bytes = Number(await readFile(join(directory, id, 'bytes'), 'utf8').catch(() => ''))
  return { id, name: id.slice(0, id.indexOf('.')), bytes: bytes || undefined }
}

/** The owner of the files. Only root gives its boxes other users. */
async function ownerOf(home: string): Promise<HostUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined
  const { uid, gid } = await stat(home)
  return { uid, gid }
}

/** Bytes on disk; undefined if they cannot be counted. */
async function sizeOf(
  path: string,
  { spawner, signal }: { readonly spawner: Spawner; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const command = { program: 'du', args: ['-skx', '--', path], env: SYSTEM_ENVIRONMENT }
  const counted = await spawner.run(command, { signal }).catch(() => undefined)
  const kib = Number.parseInt(counted?.stdout ?? '', 10)
  return Number.isNaN(kib) ? undefined : kib * 1024
}

/**
 * Names of directories that programs also write to while they run (caches, indexes). Installing a tool changes other
 * directories as well.
 */
const OF_DATA = /^(?:share|man)$/

/** A text that changes when a tool is installed, updated or removed. */
async function describeMachine({ directory, path, own }: LocalSnapshotsOptions): Promise<string> {
  const tools = findToolchains(path, own).installed.flatMap(({ parts }) => parts.map(({ source }) => source))
  const paths = [...systemDirectories().map((system) => system.path), ...tools, '/etc/os-release']
  const changed = await Promise.all(
    [...new Set(paths)]
      .filter((each) => !OF_DATA.test(basename(each)))
      .map(async (each) => {
        const found = await stat(each).catch(() => undefined)
        return `${each} ${found?.ino} ${found?.mtimeMs}`
      }),
  )
  const facts = [process.version, process.arch, await machineId(directory), ...changed.sort()]
  return createHash('sha256').update(facts.join('\n')).digest('hex')
}

/** An id of this machine. A shared database needs one, because the snapshots of a machine exist only there. */
async function machineId(directory: string): Promise<string> {
  const file = join(directory, 'machine')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, randomUUID(), { flag: 'wx' }).catch(() => {})
  return readFile(file, 'utf8')
}
