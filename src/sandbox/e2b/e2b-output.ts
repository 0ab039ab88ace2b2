import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox as E2bSandbox } from 'e2b'
import { joinHeadAndTail } from '../box/bounded-tail.ts'
import type { ExecOptions } from '../sandbox.ts'
import type { E2bCommand } from './e2b-command-script.ts'

/** Output of one command: the beginning comes live, the rest is fetched from its file. */
export interface E2bOutput {
  readonly stdout: E2bStream
  readonly stderr: E2bStream
  /** The callback runs once, if far more output arrives than the relays in the sandbox let through. */
  onFlood(callback: () => Promise<void>): void
}

interface E2bStream {
  readonly receive: (text: string) => void
  /** @param dropped true if the live output may be incomplete. */
  text(dropped: boolean): Promise<string>
}

/** More than the relays send: the command writes past them, and the SDK keeps in memory all that it receives. */
const FLOOD_BYTES = 8 * 1024 * 1024

export function createE2bOutput(options: {
  readonly sandbox: E2bSandbox
  readonly command: E2bCommand
  readonly options: ExecOptions
}): E2bOutput {
  const { sandbox, command } = options
  let flood: (() => Promise<void>) | undefined
  let total = 0

  function createStream(name: 'stdout' | 'stderr', emit: ((text: string) => void) | undefined): E2bStream {
    let received = ''
    return {
      receive(text) {
        total += text.length
        if (total > 2 * command.keptBytes + FLOOD_BYTES) {
          void flood?.().catch(() => {}) // The result of the command shows whether it worked.
          flood = undefined
          return
        }
        received += text
        emit?.(text)
      },
      async text(dropped) {
        if (!dropped && Buffer.byteLength(received) < command.keptBytes) return received
        return (await fetchKept(sandbox, `${command.directory}/${name}`)) ?? received
      },
    }
  }

  return {
    stdout: createStream('stdout', options.options.onStdout),
    stderr: createStream('stderr', options.options.onStderr),
    onFlood(callback) {
      flood = callback
    },
  }
}

/** Reads what a relay kept: `<total> <bytes of the beginning>\n`, the beginning, the end. */
async function fetchKept(sandbox: E2bSandbox, path: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const bytes = await sandbox.files.read(path, { format: 'bytes' }).catch(() => undefined)
    const kept = bytes && parseKept(Buffer.from(bytes))
    if (kept !== undefined) return kept
    await delay(100)
  }
  return undefined
}

function parseKept(bytes: Buffer): string | undefined {
  const start = bytes.indexOf('\n') + 1
  const [, total, headLength] = /^(\d+) (\d+)\n$/.exec(bytes.subarray(0, start).toString('latin1')) ?? []
  if (total === undefined || headLength === undefined) return undefined
  const split = start + Number(headLength)
  const parts = { head: bytes.subarray(start, split), tail: bytes.subarray(split), total: Number(total) }
  return joinHeadAndTail(parts).toString('utf8')
}
