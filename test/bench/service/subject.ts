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
  /** What it had computed by then. */
  readonly startCpuMs: number
  /** Resident memory, in MB. */
  memory(): number
  /** What it has computed so far, in milliseconds of one processor. */
  cpuMs(): number
  stop(): Promise<void>
}

const ROOT = join(import.meta.dirname, '../../..')

export async function startSubject(env: Readonly<Record<string, string>>): Promise<Subject> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, startArguments(), {
    cwd: tmpdir(), // Not where a .env could be.
    // What verification costs has a bench of its own.
    env: { PATH: process.env.PATH ?? '', PORT: '0', LOG_LEVEL: 'info', BACKSPACE_VERIFY: 'off', ...env },
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
    startCpuMs: cpuTime(pid),
    memory: () => residentMemory(pid),
    cpuMs: () => cpuTime(pid),
    async stop() {
      child.kill('SIGTERM')
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000)
      await ended
      clearTimeout(tooLong)
    },
  }
}

/** What `npm start` gives to node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly start: string }
  }
  const [, ...args] = scripts.start.split(' ')
  return args.map((arg) => (arg.startsWith('-') ? arg : join(ROOT, arg)))
}

/** @returns NaN where the system does not tell. */
function cpuTime(pid: number): number {
  try {
    // After the name, which may hold anything: the 12th and 13th are user and system time, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return Number.NaN
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
