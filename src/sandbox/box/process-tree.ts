import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { MARKER } from './protocol.ts'

/** The processes to end. */
export interface ProcessTree {
  /** The shell of the command, which leads its own process group. */
  readonly pid: number | undefined
  /**
   * Value of the marker variable, which descendants inherit. A value that ends in `*` matches every value that begins
   * like it.
   */
  readonly marker: string
  /** Whether to end orphans without a marker, too: inside a box, only commands can have started them. */
  readonly orphans: boolean
  /** Processes that started before this are spared; see `startOf` for the unit. Default: the start of this process. */
  readonly since?: number | undefined
}

interface ProcessFacts {
  readonly pid: number
  readonly name: string
  /** `S` is asleep. In every other state a process has work to do, or is kept from doing it. */
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Ticks of the kernel's clock between the start of the machine and that of the process. */
  readonly startedAt: number
}

const ROUNDS = 40
const PAUSE_MS = 5

/**
 * Ends a command and every process that it started, even those that left its process group (`setsid`), lost their
 * parent (daemons) or cleared their environment. All are stopped before any is killed, so that none can fork away. A
 * fork may be in progress during a search, so the search repeats until it finds none. It is synchronous on purpose:
 * during a fork bomb no thread can be created.
 */
export function killProcessTree(tree: ProcessTree): void {
  // Only Linux lists processes without the help of a program. Elsewhere only the process group is ended.
  for (let round = 0; round < ROUNDS && process.platform === 'linux'; round++) {
    const stopped = stopMembers(tree)
    if (stopped.size === 0) break
    for (const pid of stopped) signal(pid, 'SIGKILL')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  }
  if (tree.pid !== undefined) signal(-tree.pid, 'SIGKILL')
}

/**
 * Whether a command that has ended left processes in its group. If there is a process whose own id is that of the
 * group, it is a new one: it got the id after the last of them had ended.
 */
export function isLeftBehind(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  return !existsSync(`/proc/${group}`)
}

/** Whether a process of the group with one of these names has work to do. */
export function isGroupBusy(group: number, names: readonly string[]): boolean {
  if (process.platform !== 'linux') return false
  return listProcesses().some((one) => one.group === group && names.includes(one.name) && one.state !== 'S')
}

/** @returns all processes of the tree, which are now stopped. */
function stopMembers(tree: ProcessTree): ReadonlySet<number> {
  const stopped = new Set<number>()
  for (let pass = 0; pass < ROUNDS; pass++) {
    const found = findMembers(tree).filter((pid) => !stopped.has(pid))
    if (found.length === 0) break
    for (const pid of found) {
      signal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  return stopped
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // The process has ended, or belongs to someone else.
  }
}

function findMembers(tree: ProcessTree): number[] {
  const { since = startOf(process.pid) ?? 0 } = tree
  // Asking about the others would take longer than everything else: a machine has hundreds of processes.
  const all = listProcesses().filter(
    ({ pid, startedAt }) => pid !== process.pid && pid !== 1 && startedAt >= since,
  )
  const members = new Set<number>()
  for (const facts of all) {
    const inGroup = tree.pid !== undefined && (facts.group === tree.pid || facts.session === tree.pid)
    const marker = readMarker(facts.pid)
    const orphan = tree.orphans && facts.parent === 1 && marker === undefined
    if (inGroup || orphan || matches(marker, tree.marker)) members.add(facts.pid)
  }
  for (let grown = true; grown; ) {
    grown = false
    for (const { pid, parent } of all) {
      if (!members.has(parent) || members.has(pid)) continue
      members.add(pid)
      grown = true
    }
  }
  return [...members]
}

/**
 * When a process started, in ticks of the kernel's clock; undefined when that is not known or the process has ended.
 */
export function startOf(pid: number): number | undefined {
  return process.platform === 'linux' ? readFacts(pid)?.startedAt : undefined
}

function matches(marker: string | undefined, wanted: string): boolean {
  if (marker === undefined) return false
  return wanted.endsWith('*') ? marker.startsWith(wanted.slice(0, -1)) : marker === wanted
}

function listProcesses(): ProcessFacts[] {
  const found: ProcessFacts[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const facts = readFacts(Number(name))
    if (facts) found.push(facts)
  }
  return found
}

/** Undefined if the process has ended, even if its parent has not collected it yet. */
function readFacts(pid: number): ProcessFacts | undefined {
  const stat = readProc(pid, 'stat')
  if (stat === undefined) return undefined
  // The name is in parentheses and may itself contain spaces and parentheses, so the fields begin after the last one.
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  const [state = '', parent, group, session] = fields
  if (state === 'Z' || state === 'X') return undefined
  const name = stat.slice(stat.indexOf('(') + 1, end)
  return {
    pid,
    name,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startedAt: Number(fields[19]),
  }
}

function readMarker(pid: number): string | undefined {
  const prefix = `${MARKER}=`
  return readProc(pid, 'environ')
    ?.split('\0')
    .find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length)
}

function readProc(pid: number, file: 'stat' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
