import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'

/** `npm start` as an operator has it: one real process. */
export interface ServiceProcess {
  readonly pid: number
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  signal(name: NodeJS.Signals): void
}

const MAIN = join(import.meta.dirname, '../../src/main.ts')

/** @param spec.log file that everything it prints is added to. */
export function startServiceProcess(spec: {
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  readonly log: string
}): ServiceProcess {
  const log = openSync(spec.log, 'a')
  const child = spawn(process.execPath, [MAIN], {
    cwd: spec.directory,
    env: { ...spec.env },
    stdio: ['ignore', log, log],
  })
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  if (child.pid === undefined) throw new Error('the service could not be spawned')
  return { pid: child.pid, ended, signal: (name) => void child.kill(name) }
}
