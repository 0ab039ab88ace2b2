import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The service as an operator runs it: the process that is measured. */
export interface Subject {
  readonly url: string
  readonly pid: number
  /** From the start of the process until it said that it listens, in milliseconds. */
  readonly startMs: number
  /** Resident memory, in MB. */
  memory(): number
  stop(): Promise<void>
}

const MAIN = join(import.meta.dirname, '../../../src/main.ts')

export async function startSubject(env: Readonly<Record<string, string>>): Promise<Subject> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [MAIN], {
    cwd: tmpdir(), // Not where a .env could be.
    env: { PATH: process.env.PATH ?? '', PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      if (output.length > 100_000) return // Enough to find the address in, or the failure.
      output += chunk.toString('utf8')
      const found = /Backspace listens on (http:\/\/[^"\s]+)/.exec(output)?.[1]
      if (found) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(() => reject(new Error(`the service ended before it listened:\n${output}`)))
  })
  const pid = child.pid ?? 0
  return {
    url,
    pid,
    startMs: performance.now() - startedAt,
    memory: () => residentMemory(pid),
    async stop() {
      child.kill('SIGTERM')
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000)
      await ended
      clearTimeout(tooLong)
    },
  }
}

/** @returns NaN where the system does not tell. */
function residentMemory(pid: number): number {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}
