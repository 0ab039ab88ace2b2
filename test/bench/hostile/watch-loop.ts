/**
 * Loaded into the service before its own code: how long it was busy between two turns of its event loop. On SIGUSR2 it
 * writes the longest time to the file that LOOP_FILE names, and begins again.
 */
import { writeFileSync } from 'node:fs'

/** Milliseconds: of the processor, which a busy machine does not change, and on the clock. */
export interface LongestBlock {
  readonly cpuMs: number
  readonly clockMs: number
  /** Different each time. */
  readonly count: number
}

const file = process.env.LOOP_FILE
if (file !== undefined) watch(file)

function watch(target: string): void {
  let longest = { cpuMs: 0, clockMs: 0 }
  let count = 0
  let cpu = process.threadCpuUsage()
  let clock = performance.now()
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(cpu)
    const now = performance.now()
    longest = {
      cpuMs: Math.max(longest.cpuMs, (user + system) / 1000),
      clockMs: Math.max(longest.clockMs, now - clock),
    }
    cpu = process.threadCpuUsage()
    clock = now
  }, 1).unref()
  process.on('SIGUSR2', () => {
    count++
    writeFileSync(target, JSON.stringify({ ...longest, count } satisfies LongestBlock))
    longest = { cpuMs: 0, clockMs: 0 }
  })
}
