import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Evaluated, Evaluation } from '../evaluation/start-evaluation.ts'
import { startEvaluation } from '../evaluation/start-evaluation.ts'
import type { WorldOptions } from '../support/start-world.ts'

export type Place = 'local' | 'e2b'

/** A running product with everything around it, and a server of the attacker's. */
export interface Target extends Evaluation {
  readonly place: Place
  /** Address of the attacker's server. */
  readonly thief: string
  /** Every request that reached the attacker's server. */
  readonly stolen: readonly string[]
  /** Everything that the product has logged; nothing in a terminal, where it logs nothing. */
  readonly logs: () => string
}

/** What one attack came to. */
export interface Verdict {
  /** What the attacker tried, as a clause: `pushes to another repository`. */
  readonly attack: string
  /** Number of the threat in the threat model of docs/security.md. */
  readonly threat: string
  /** What held it back. */
  readonly layer: string
  readonly contained: boolean
  /** What the test saw, for people. */
  readonly evidence: string
}

/** Attacks that share a run, or a few. */
export interface Scene {
  readonly name: string
  /** Where it is tried; both when left out. */
  readonly places?: readonly Place[] | undefined
  attack(target: Target): Promise<readonly Verdict[]>
}

/** @param options see `WorldOptions`. */
export async function startTarget(
  place: Place,
  { database, verify }: Pick<WorldOptions, 'database' | 'verify'>,
): Promise<Target> {
  const stolen: string[] = []
  const server = createServer((request, response) => {
    stolen.push(`${request.method} ${request.url}`)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const env = { BACKSPACE_MAX_STEPS: '12', LOG_LEVEL: process.stdout.isTTY ? 'silent' : 'trace' }
  const logs = readLogs()
  const evaluation = await startEvaluation({ sandbox: place, database, verify, langsmith: true, env })
  async function stop(): Promise<void> {
    await evaluation.stop()
    logs.end()
    server.close()
  }
  const thief = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { ...evaluation, place, thief, stolen, logs: logs.read, stop }
}

/** Reads the lines that the product writes to standard output, in place of it. */
function readLogs(): { readonly read: () => string; readonly end: () => void } {
  const { stdout } = process
  const lines: string[] = []
  const write = stdout.write
  const isLog = (text: unknown) => typeof text === 'string' && text.startsWith('{"level":')
  stdout.write = new Proxy(write, {
    apply: (target, self, args) =>
      isLog(args[0]) ? lines.push(args[0]) > 0 : Reflect.apply(target, self, args),
  })
  return {
    read: () => lines.join(''),
    end() {
      stdout.write = write
    },
  }
}

/** Everything of a run that a person, a client or the model's provider can read. */
export function everythingSeen({ requests, pull, comment, frames }: Evaluated): string {
  return JSON.stringify([requests, pull, comment, frames])
}

/** What the model read of its commands, one text for each of its turns. */
export function outputs({ requests }: Evaluated): readonly string[] {
  return requests.map(({ messages }) => JSON.stringify(messages.at(-1)))
}

export function openedPullRequest({ end }: Evaluated): boolean {
  return end?.type === 'success' && end.extra_data.outcome === 'pull_request'
}
