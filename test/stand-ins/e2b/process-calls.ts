import { z } from 'zod'
import { ConnectError } from './connect-protocol.ts'
import { type StandInProcess, selectProcess, signalProcess } from './process-service.ts'
import type { SandboxRecord } from './sandbox-record.ts'

const INPUT = z.object({ input: z.object({ stdin: z.string() }) })
const SIGNAL = z.object({ signal: z.enum(['SIGNAL_SIGKILL', 'SIGNAL_SIGTERM']) })

type Message = Record<string, unknown>

/** The calls of `process.Process` that are not streams. */
export const PROCESS_CALLS = {
  List: (record: SandboxRecord) => ({
    processes: [...record.processes]
      .filter(([, { end }]) => end === undefined)
      .map(([pid, { config }]) => ({ config, pid })),
  }),
  SendInput(record: SandboxRecord, message: Message) {
    const { stdin } = selectRunning(record, message).child
    if (!stdin?.writable) {
      throw new ConnectError('internal', 'error writing to stdin: stdin not enabled or closed')
    }
    stdin.write(Buffer.from(INPUT.parse(message).input.stdin, 'base64'))
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
