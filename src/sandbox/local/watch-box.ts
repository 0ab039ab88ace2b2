import { readFileSync, type StatsFs, statfsSync } from 'node:fs'
import { readdir, readFile, readlink, stat, statfs } from 'node:fs/promises'
import type { Spawner } from '../../processes/spawner.ts'
import { GIB } from '../../text/amounts.ts'

/** The most that one box may use. */
export interface BoxLimits {
  readonly memoryBytes: number
  readonly diskBytes: number
  /** Number of files and directories. */
  readonly files: number
}

interface WatchedBox {
  /** Process of the host whose descendants are all processes of the box. */
  readonly pid: number
  /** The only directory on disk that the box writes to. */
  readonly home: string
  readonly limits: BoxLimits
  /**
   * Whether the kernel ended a process because the box used too much memory; undefined if the kernel does not enforce
   * the limit.
   */
  readonly isOverMemory?: (() => boolean) | undefined
  /** Called once, with a sentence for people. */
  readonly onExceeded: (why: string) => void
  readonly spawner: Spawner
}

const EVERY_MS = 1000
/** Counting all files takes seconds, so a box is not counted more often than this. */
const COUNT_EVERY_MS = 10_000
/** Space that boxes must leave to the host. */
const RESERVED_BYTES = GIB
/** Files are counted from this share of a limit on: others may free space while a box takes it, which hides its use. */
const NEAR = 0.8
const BYTES_OF_INODE = 1024
const MAX_DESCRIPTORS = 20_000

/**
 * Watches the memory and disk of a box from outside, where its code cannot interfere. Without a cgroup, which needs
 * root or a delegation by systemd, the kernel limits only the memory of each process, so this measures the sum once a
 * second. Files are counted only if the file system has lost almost as much space as the box may use.
 *
 * @returns a function that stops watching.
 */
export function watchBox({ pid, home, limits, isOverMemory, onExceeded, spawner }: WatchedBox): () => void {
  const memory = isOverMemory ? memoryWatchOf(isOverMemory, limits) : createMemoryWatch(limits)
  const disk = createDiskWatch(home, { limits, spawner })
  let isStopped = false
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const pids = await listProcesses(pid)
    const why = (await memory.check(pids)) ?? (await disk.check(pids))
    if (isStopped) return
    if (why !== undefined) return onExceeded(why)
    schedule()
  }
  function schedule(): void {
    timer = setTimeout(() => void look().catch(schedule), EVERY_MS).unref()
  }
  schedule()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** A process and all its descendants. */
async function listProcesses(pid: number): Promise<readonly number[]> {
  const found: number[] = []
  for (let next = [pid]; next.length > 0; ) {
    found.push(...next)
    const children = await Promise.all(next.map(listChildren))
    next = children.flat()
  }
  return found
}

async function listChildren(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number)
}

function memoryWatchOf(isOver: () => boolean, limits: BoxLimits): Watch {
  return { check: async () => (isOver() ? overMemory(limits) : undefined) }
}

/** Says that a box used too much memory, without a full stop. */
export function overMemory({ memoryBytes }: BoxLimits): string {
  return `The sandbox used more than ${inGiB(memoryBytes)} of memory`
}

/**
 * Adds up the memory of processes, of files in memory, and of files without a name: each can grow while the others stay
 * small.
 */
function createMemoryWatch(limits: BoxLimits): Watch {
  const { memoryBytes } = limits
  let most = availableMemory()
  return {
    async check(pids) {
      const resident = await Promise.all(pids.map(residentBytes))
      const inFiles = await tmpfsBytes(pids)
      const available = availableMemory()
      most = Math.max(most, available)
      const isLow = most - available > NEAR * memoryBytes
      const nameless = isLow ? await sumOfDeletedFiles(pids, 'memory') : 0
      if (sum(resident) + inFiles + nameless <= memoryBytes) return undefined
      // So far, shared pages count once for each process. In a container, root may not be able to look more closely.
      const exact = await Promise.all(
        pids.map(async (pid, index) => (await proportionalBytes(pid)) ?? resident[index] ?? 0),
      )
      const used = sum(exact) + inFiles + nameless
      return used > memoryBytes ? overMemory(limits) : undefined
    },
  }
}

/** Bytes of memory that the machine has available; 0 if it does not say. */
function availableMemory(): number {
  const found = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return Number(found ?? 0) * 1024
}

/** Bytes in the memory file systems that the box's first process sees. Even an empty file takes memory. */
async function tmpfsBytes([, first]: readonly number[]): Promise<number> {
  const roots = ['/tmp', '/dev/shm'].map((path) => `/proc/${first}/root${path}`)
  const sizes = await Promise.all(
    roots.map((path) =>
      statfs(path).then(
        (all) => usedOf(all).bytes + usedOf(all).files * BYTES_OF_INODE,
        () => 0,
      ),
    ),
  )
  return sum(sizes)
}

async function residentBytes(pid: number): Promise<number> {
  return (await readKilobytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m)) ?? 0
}

function proportionalBytes(pid: number): Promise<number | undefined> {
  return readKilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m)
}

async function readKilobytes(file: string, pattern: RegExp): Promise<number | undefined> {
  const found = pattern.exec(await readFile(file, 'utf8').catch(() => ''))?.[1]
  return found === undefined ? undefined : Number(found) * 1024
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

interface Watch {
  check(pids: readonly number[]): Promise<string | undefined>
}

function createDiskWatch(
  home: string,
  { limits, spawner }: { readonly limits: BoxLimits; readonly spawner: Spawner },
): Watch {
  const { diskBytes, files } = limits
  let least = usedOf(statfsSync(home))
  let countedAt = Number.NEGATIVE_INFINITY
  return {
    async check(pids) {
      const fileSystem = await statfs(home)
      const used = usedOf(fileSystem)
      least = { bytes: Math.min(least.bytes, used.bytes), files: Math.min(least.files, used.files) }
      const grown = { bytes: used.bytes - least.bytes, files: used.files - least.files }
      const isNearlyFull =
        fileSystem.bavail * fileSystem.bsize < RESERVED_BYTES && grown.bytes >= RESERVED_BYTES
      if (grown.bytes < NEAR * diskBytes && grown.files < NEAR * files && !isNearlyFull) return undefined
      if (performance.now() - countedAt < COUNT_EVERY_MS) return undefined
      countedAt = performance.now()
      const count = await countFiles(home, spawner)
      const bytes = count.bytes + (await sumOfDeletedFiles(pids, (await stat(home)).dev))
      if (bytes > diskBytes) return `The sandbox used more than ${inGiB(diskBytes)} of disk`
      if (count.files > files) return `The sandbox made more than ${files.toLocaleString('en')} files`
      if (isNearlyFull && bytes >= RESERVED_BYTES) {
        return `The disk of this machine is almost full, and the sandbox used ${inGiB(bytes)} of it`
      }
      return undefined
    },
  }
}

function usedOf({ blocks, bfree, bsize, files, ffree }: StatsFs): {
  readonly bytes: number
  readonly files: number
} {
  return { bytes: (blocks - bfree) * bsize, files: files - ffree }
}

/**
 * Counts bytes and files. Other programs do it, since they can handle paths of any depth. Directories that the box has
 * made inaccessible are opened first.
 */
async function countFiles(
  home: string,
  spawner: Spawner,
): Promise<{ readonly bytes: number; readonly files: number }> {
  const shut = ['-type', 'd', '!', '-perm', '-500', '-exec', 'chmod', 'u+rwx', '{}', ';']
  await outputOf(spawner, 'find', [home, ...shut])
  const kib = Number.parseInt(await outputOf(spawner, 'du', ['-skx', home]), 10)
  const lines = await outputOf(spawner, 'du', ['-sx', '--inodes', home])
  return { bytes: (kib || 0) * 1024, files: Number.parseInt(lines, 10) || 0 }
}

async function outputOf(spawner: Spawner, program: string, args: readonly string[]): Promise<string> {
  const command = { program, args, env: { PATH: '/usr/bin:/bin' } }
  const ended = await spawner.run(command, { timeoutMs: 60_000 }).catch(() => undefined)
  return ended?.stdout ?? ''
}

/** Bytes of files without a name that are kept by open descriptors: those on a device, or those in memory. */
async function sumOfDeletedFiles(pids: readonly number[], where: number | 'memory'): Promise<number> {
  const found = new Map<string, number>()
  let looked = 0
  for (const pid of pids) {
    for (const name of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if (looked++ > MAX_DESCRIPTORS) break
      const path = `/proc/${pid}/fd/${name}`
      const stats = await stat(path).catch(() => undefined)
      if (!stats?.isFile() || stats.nlink > 0) continue
      const isThere = where === 'memory' ? await isMemoryFile(path) : stats.dev === where
      if (isThere) found.set(`${stats.dev} ${stats.ino}`, stats.blocks * 512)
    }
  }
  return sum([...found.values()])
}

/** Whether the descriptor belongs to a file of `memfd_create(2)`, by its name. */
async function isMemoryFile(descriptor: string): Promise<boolean> {
  return (await readlink(descriptor).catch(() => '')).startsWith('/memfd:')
}

function inGiB(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(1))} GiB`
}
