/**
 * Loaded into the service before its own code: how long it was busy between two turns of its event loop. On SIGUSR2 it
 * writes the longest time to the file that LOOP_FILE names, and begins again.
 */
import { writeFileSync } from 'node:fs'

/** Milliseconds: of the processor, which a busy machine does not change, and on the clock. */
export interface LongestBlock {
  readonly cpuMs: number
  readonly clockMs: number
  /** On the clock, of the block that took the processor longest: while garbage was collected. */
  readonly collectionMs: number
  /** Different each time. */
  readonly count: number
}

const file = process.env.LOOP_FILE
if (file !== undefined) watch(file)

/** A stretch of time on the clock. */
interface Stretch {
  readonly from: number
  readonly to: number
}

function watch(target: string): void {
  let longest = { cpuMs: 0, clockMs: 0 }
  let block: Stretch = { from: 0, to: 0 }
  let collections: Stretch[] = []
  let count = 0
  let cpu = process.threadCpuUsage()
  let clock = performance.now()
  new PerformanceObserver((seen) => {
    for (const { startTime, duration } of seen.getEntries())
      collections.push({ from: startTime, to: startTime + duration })
  }).observe({ entryTypes: ['gc'] })
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(cpu)
    const now = performance.now()
    const cpuMs = (user + system) / 1000
    if (cpuMs > longest.cpuMs) block = { from: clock, to: now }
    longest = { cpuMs: Math.max(longest.cpuMs, cpuMs), clockMs: Math.max(longest.clockMs, now - clock) }
    cpu = process.threadCpuUsage()
    clock = now
  }, 1).unref()
  process.on('SIGUSR2', () => {
    count++
    const collectionMs = collections.reduce((sum, collection) => sum + overlap(collection, block), 0)
    writeFileSync(target, JSON.stringify({ ...longest, collectionMs, count } satisfies LongestBlock))
    longest = { cpuMs: 0, clockMs: 0 }
    collections = []
  })
}

function overlap(one: Stretch, other: Stretch): number {
  return Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from))
}
