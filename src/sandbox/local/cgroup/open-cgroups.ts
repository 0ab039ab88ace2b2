import { constants, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLeftover } from '../box-directory.ts'
import { type CgroupHome, SERVICE_GROUP } from './find-cgroups.ts'

/** The cgroup of one box. Its processes get no more than its limits, and can be ended together. */
export interface BoxCgroup {
  /**
   * Adds a process, with everything that it starts from then on.
   *
   * @returns whether it worked.
   */
  join(pid: number): Promise<boolean>
  /** Whether the kernel had to end a process because the memory was used up. Cheap, since it reads one short file. */
  isOverMemory(): boolean
  /** Ends every process of the group at once. */
  kill(): Promise<void>
  /** Ends whatever is left in the group, and removes the group. */
  remove(): Promise<void>
}

export interface CgroupLimits {
  readonly memoryBytes: number
  readonly processes: number
}

export interface Cgroups {
  readonly version: 1 | 2
  /**
   * @param name the name of the box's directory, by which a later process can tell whether the box's owner is alive.
   */
  make(name: string, limits: CgroupLimits): Promise<BoxCgroup>
}

/**
 * The weight of a box against that of the service when both want the processor, so that the service keeps answering.
 */
const CPU = { weight: 50, shares: 512 }
const ROUNDS = 200
const ROUND_MS = 10

/**
 * Prepares the part of the tree that belongs to this process, and removes the groups of dead processes.
 *
 * @throws {Error} if the kernel refuses; boxes then go without groups.
 */
export async function openCgroups(home: CgroupHome): Promise<Cgroups> {
  if (home.version === 2) {
    const others = [home.pids && 'pids', home.cpu && 'cpu'].filter((name) => name !== undefined)
    await enableControllers(home.memory, ['memory', ...others])
  }
  await removeLeftCgroups(home)
  return {
    version: home.version,
    async make(name, limits) {
      const group = boxCgroup(home, name)
      try {
        for (const directory of directoriesOf(home, name)) await mkdir(directory, { recursive: true })
        await setLimits(home, name, limits)
      } catch (error) {
        await group.remove()
        throw error
      }
      return group
    },
  }
}

/** Ends and removes the groups of boxes whose process has died. */
export async function removeLeftCgroups(home: CgroupHome): Promise<void> {
  const parents = [home.memory, home.pids, home.cpu].filter((parent) => parent !== undefined)
  const lists = await Promise.all(parents.map((parent) => readdir(parent)))
  for (const name of new Set(lists.flat())) {
    if (isLeftover(name)) await boxCgroup(home, name).remove()
  }
}

/**
 * Lets groups below `home` have limits. A group that has processes cannot do that (the "no internal processes" rule of
 * cgroup v2), so they move to a group of their own: this process, and whatever runs beside it in its unit or container.
 *
 * @param controllers the first is required; the others are enabled where possible.
 */
export async function enableControllers(home: string, controllers: readonly string[]): Promise<void> {
  const control = join(home, 'cgroup.subtree_control')
  const [needed, ...others] = controllers
  for (let round = 0; ; round++) {
    const refused = await write(control, `+${needed}`).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (refused === undefined) break
    // A process may have started another one while it was moved.
    if (!isBusy(refused) || round === ROUNDS) throw refused
    await moveProcesses(home, join(home, SERVICE_GROUP))
  }
  for (const other of others) await writeIfThere(control, `+${other}`)
}

async function moveProcesses(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const pid of await readProcesses(from)) {
    await write(join(to, 'cgroup.procs'), String(pid)).catch(() => {}) // It has ended, or enabling fails again.
  }
}

function directoriesOf({ memory, pids, cpu }: CgroupHome, name: string): readonly string[] {
  const parents = [memory, pids, cpu].filter((parent) => parent !== undefined)
  return [...new Set(parents)].map((parent) => join(parent, name))
}

async function setLimits(home: CgroupHome, name: string, limits: CgroupLimits): Promise<void> {
  const memory = join(home.memory, name)
  const bytes = String(limits.memoryBytes)
  if (home.version === 2) {
    await write(join(memory, 'memory.max'), bytes)
    await writeIfThere(join(memory, 'memory.swap.max'), '0')
    await writeIfThere(join(memory, 'memory.oom.group'), '1')
  } else {
    await write(join(memory, 'memory.limit_in_bytes'), bytes)
    await writeIfThere(join(memory, 'memory.memsw.limit_in_bytes'), bytes)
    await writeIfThere(join(memory, 'memory.swappiness'), '0')
  }
  if (home.pids !== undefined) await writeIfThere(join(home.pids, name, 'pids.max'), String(limits.processes))
  if (home.cpu === undefined) return
  const [file, share] = home.version === 2 ? ['cpu.weight', CPU.weight] : ['cpu.shares', CPU.shares]
  await writeIfThere(join(home.cpu, name, file), String(share))
}

function boxCgroup(home: CgroupHome, name: string): BoxCgroup {
  const group = join(home.memory, name)
  const directories = directoriesOf(home, name)
  const counts = join(group, home.version === 2 ? 'memory.events' : 'memory.oom_control')

  async function kill(): Promise<void> {
    if (home.version === 2 && (await writeIfThere(join(group, 'cgroup.kill'), '1'))) return
    // Keeps new processes from starting while the others are ended one by one.
    if (home.pids !== undefined) await writeIfThere(join(home.pids, name, 'pids.max'), '0')
    for (let round = 0; round < ROUNDS; round++) {
      const pids = await readProcesses(group)
      if (pids.length === 0) return
      pids.forEach(endProcess)
      await sleep(ROUND_MS)
    }
  }

  return {
    kill,
    async join(pid) {
      const joined = directories.map((directory) => write(join(directory, 'cgroup.procs'), String(pid)))
      return Promise.all(joined).then(
        () => true,
        () => false,
      )
    },
    isOverMemory() {
      try {
        return Number(/^oom_kill (\d+)$/m.exec(readFileSync(counts, 'utf8'))?.[1] ?? 0) > 0
      } catch {
        return false
      }
    },
    async remove() {
      await kill()
      for (const directory of directories) await removeGroup(directory)
    },
  }
}

/**
 * Removes a group. A process that has ended leaves its group a moment later; a group that stays is removed at the next
 * start.
 */
async function removeGroup(directory: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const refused = await rmdir(directory).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (!isBusy(refused)) return
    await sleep(ROUND_MS)
  }
}

/** Skips processes of other process namespaces: they are listed as 0, which would mean this process's own group. */
async function readProcesses(group: string): Promise<readonly number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Never creates a file: if it is missing, this kernel does not have the limit. */
function write(file: string, value: string): Promise<void> {
  return writeFile(file, value, { flag: constants.O_WRONLY })
}

function writeIfThere(file: string, value: string): Promise<boolean> {
  return write(file, value).then(
    () => true,
    () => false,
  )
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EBUSY'
}
