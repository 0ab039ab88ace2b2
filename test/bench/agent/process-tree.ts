import { readdirSync, readFileSync } from 'node:fs'

/** Linux reports processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100
const SAMPLE_MS = 50

/** What a process and all that it started use. */
export interface ProcessTree {
  /** Processor time so far, of processes that have ended too. */
  cpuSeconds(): number
  /** Resident memory now, shared pages counted once per process, in MB. */
  memory(): number
  /** Ends the watch. @returns the most memory that was seen, in MB. */
  stop(): number
}

/** Watches from now on; needs Linux. */
export function watchProcessTree(pid: number): ProcessTree {
  let peak = 0
  const memory = () => residentMb(pid) + descendantsMb(pid)
  const timer = setInterval(() => {
    peak = Math.max(peak, memory())
  }, SAMPLE_MS)
  return {
    cpuSeconds: () => sum(treeOf(pid).map((one) => ownSeconds(one) + reapedSeconds(one))),
    memory,
    stop() {
      clearInterval(timer)
      return Math.max(peak, memory())
    },
  }
}

/** Processor time of the processes that this one started and that have ended, with all that they had started. */
export function endedChildrenSeconds(): number {
  return reapedSeconds(process.pid)
}

function treeOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)]
}

function childrenOf(pid: number): readonly number[] {
  return listOrNone(`/proc/${pid}/task`).flatMap((thread) =>
    readOrEmpty(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}

function ownSeconds(pid: number): number {
  return statField(pid, 14) + statField(pid, 15)
}

function reapedSeconds(pid: number): number {
  return statField(pid, 16) + statField(pid, 17)
}

/** @param field as proc(5) counts them; 0 of a process that is gone. */
function statField(pid: number, field: number): number {
  const stat = readOrEmpty(`/proc/${pid}/stat`)
  // The second field is a name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[field - 3] ?? 0) / TICKS_PER_SECOND
}

/** Without those that have not become another program yet: all that they hold is their parent's. */
function descendantsMb(pid: number): number {
  const command = readOrEmpty(`/proc/${pid}/cmdline`)
  return sum(
    childrenOf(pid).map((child) => {
      const isCopy = readOrEmpty(`/proc/${child}/cmdline`) === command
      return (isCopy ? 0 : residentMb(child)) + descendantsMb(child)
    }),
  )
}

function residentMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readOrEmpty(`/proc/${pid}/status`))?.[1]
  return Number(kilobytes ?? 0) / 1024
}

/** Processes end while they are looked at. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function listOrNone(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
