import { z } from 'zod'
import { ConnectError } from './connect-protocol.ts'
import { type StandInProcess, selectProcess, signalProcess } from './process-service.ts'
import type { SandboxRecord } from './sandbox-record.ts'

const INPUT = z.object({ input: z.object({ stdin: z.string() }) })
const SIGNAL = z.object({ signal: z.enum(['SIGNAL_SIGKILL', 'SIGNAL_SIGTERM']) })

/** At E2B a request with 14 MB broke off, and 128 KiB arrived; what lies between was not tried. */
const MAX_INPUT_BYTES = 1024 * 1024

/** Breaks the connection. */
export class TooLargeInput extends Error {}

type Message = Record<string, unknown>

/** The calls of `process.Process` that are not streams. */
export const PROCESS_CALLS = {
  List: (record: SandboxRecord) => ({
    processes: [...record.processes]
      .filter(([, { end }]) => end === undefined)
      .map(([pid, { config }]) => ({ config, pid })),
  }),
  /** Answers when the pipe has taken it, which a program that does not read puts off. */
  async SendInput(record: SandboxRecord, message: Message) {
    const { stdin } = selectRunning(record, message).child
    if (!stdin?.writable) {
      throw new ConnectError('internal', 'error writing to stdin: stdin not enabled or closed')
    }
    const bytes = Buffer.from(INPUT.parse(message).input.stdin, 'base64')
    if (bytes.length > MAX_INPUT_BYTES) throw new TooLargeInput()
    await new Promise<void>((resolve, reject) => {
      stdin.write(bytes, (error) => {
        if (error) reject(new ConnectError('internal', `error writing to stdin: ${error.message}`))
        else resolve()
      })
    })
    return {}
  },
  CloseStdin(record: SandboxRecord, message: Message) {
    selectRunning(record, message).child.stdin?.end()
    return {}
  },
  SendSignal(record: SandboxRecord, message: Message) {
    const running = selectRunning(record, message)
    signalProcess(running, SIGNAL.parse(message).signal === 'SIGNAL_SIGKILL' ? 'SIGKILL' : 'SIGTERM')
    return {}
  },
} as const

function selectRunning(record: SandboxRecord, message: Message): StandInProcess {
  const { pid, running } = selectProcess(record, message)
  if (running.end) throw new ConnectError('not_found', `process with pid ${pid} not found`)
  return running
}
