import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { processEnvironment } from './environment.ts'
import { QUICK_WASM } from './quick-wasm.ts'
import { copyTemplateDatabase } from './template-database.ts'

/** `npm start` as its own process, as an operator runs it. */
export interface Service {
  /** Everything it printed so far. */
  output(): string
  /** Where it listens; rejects with its output when it ends before it does. */
  readonly listening: Promise<string>
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** Where its data is, unless the variables say otherwise. */
  readonly directory: string
  /** Kills it, unless it has ended, and removes its directory. */
  remove(): Promise<void>
}

const START = join(import.meta.dirname, '../../src/start.js')

/** The service of one test, which ends with it. */
export async function startService(...options: Parameters<typeof launchService>): Promise<Service> {
  const service = await launchService(...options)
  onTestFinished(service.remove)
  return service
}

/**
 * Starts the service with exactly these variables (and PATH, and places of its own). The caller removes it.
 *
 * @param start file of another version that starts it.
 */
export async function launchService(
  env: Readonly<Record<string, string>>,
  start: string = START,
): Promise<Service> {
  const hasDatabase = 'DATA_DIR' in env || 'DATABASE_URL' in env
  const directory = hasDatabase
    ? await mkdtemp(join(tmpdir(), 'backspace-data-'))
    : await copyTemplateDatabase()
  const child = spawn(process.execPath, [QUICK_WASM, start], {
    cwd: directory,
    env: { ...processEnvironment(), PORT: '0', DATA_DIR: directory, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const listening = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString('utf8')
      const url = /Backspace listens on (http:\/\/[^"\s]+)/.exec(output)?.[1]
      if (url) resolve(url)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(() => reject(new Error(`it ended before it listened:\n${output}`)))
  })
  // A test that only waits for the end must not fail because of this.
  listening.catch(() => undefined)
  async function remove(): Promise<void> {
    if (child.exitCode === null) child.kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  const signal: Service['signal'] = (name) => void child.kill(name)
  return { output: () => output, listening, ended, signal, directory, remove }
}
