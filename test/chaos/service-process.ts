import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { processEnvironment } from '../support/environment.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'

/** `npm start` as an operator has it, but quicker to start: one real process. */
export interface ServiceProcess {
  /** Undefined when it could not even be spawned. */
  readonly pid: number | undefined
  /** Resolves with the exit code, the signal that ended it, or why it never began. */
  readonly ended: Promise<number | string>
  signal(name: NodeJS.Signals): void
}

const MAIN = join(import.meta.dirname, '../../src/start.js')

/** @param spec.log file that everything it prints is added to. */
export function startServiceProcess(spec: {
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  readonly log: string
}): ServiceProcess {
  const log = openSync(spec.log, 'a')
  const child = spawn(process.execPath, [QUICK_WASM, MAIN], {
    cwd: spec.directory,
    env: { ...processEnvironment(), ...spec.env },
    stdio: ['ignore', log, log],
  })
  // The process has its own handle of the file.
  closeSync(log)
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    child.once('error', (error) => resolve(error.message))
  })
  return { pid: child.pid, ended, signal: (name) => void child.kill(name) }
}
