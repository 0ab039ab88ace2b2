import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { type Machine, type SandboxRecord, sendSignal } from './machine.ts'

/** A command that envd runs, and who listens to it. */
export interface StandInProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly config: z.infer<typeof CONFIG>
  readonly listeners: Set<(event: object) => void>
  end: object | undefined
}

const CONFIG = z.object({
  cmd: z.string(),
  args: z.array(z.string()).default([]),
  envs: z.record(z.string(), z.string()).default({}),
  cwd: z.string().optional(),
})
const START = z.object({ process: CONFIG, stdin: z.boolean().default(true) })
const SELECTED = z.object({ process: z.object({ pid: z.number() }) })
const INPUT = SELECTED.extend({ input: z.object({ stdin: z.string() }) })
const SIGNAL = SELECTED.extend({ signal: z.enum(['SIGNAL_SIGKILL', 'SIGNAL_SIGTERM']) })

interface StreamCall {
  readonly record: SandboxRecord
  readonly message: Record<string, unknown>
  readonly response: ServerResponse
  /** Of the `Connect-Timeout-Ms` header; undefined for none. */
  readonly timeoutMs: number | undefined
}

/** `process.Process/Start`: runs a command and streams what it does. Goes on without a listener. */
export function startProcess(call: StreamCall): void {
  const { process: config, stdin } = START.parse(call.message)
  const { machine, processes } = call.record
  if (config.cwd && !existsSync(machine.toReal(config.cwd))) {
    throw new ConnectError('invalid_argument', `cwd '${config.cwd}' does not exist`)
  }
  const child = machine.start({ ...config, cwd: config.cwd })
  const { pid } = child
  if (pid === undefined) throw new ConnectError('invalid_argument', 'error starting process')
  if (!stdin) child.stdin.end()
  const running: StandInProcess = { child, config, listeners: new Set(), end: undefined }
  processes.set(pid, running)
  child.stdin.on('error', () => {})
  forward({ machine, running, name: 'stdout' })
  forward({ machine, running, name: 'stderr' })
  // envd reports the end when both streams are at theirs, which a background process can put off.
  child.on('close', (code, signal) => {
    const status =
      signal === null ? `exit status ${code}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`
    const failed = code === 0 ? {} : { error: status }
    running.end = { end: { exitCode: code ?? -1, exited: signal === null, status, ...failed } }
    processes.delete(pid)
    emit(running, running.end)
  })
  listen(call, { pid, running })
}

/** `process.Process/Connect`: listens to a command that runs already. */
export function connectProcess(call: StreamCall): void {
  const { pid, running } = select(call.record, call.message)
  listen(call, { pid, running })
}

/**
 * What systemd's restart of envd does (infra: `envd.service.tpl`): connections break, and the new daemon knows no process
 * of the old one. Commands go on, because they are in a control group of their own, but nothing reads their output any
 * more, and their stdin is at its end.
 */
export function restartDaemon(record: SandboxRecord, downMs: number): void {
  record.daemonDownUntil = performance.now() + downMs
  for (const stream of record.streams) stream.destroy()
  for (const { child } of record.processes.values()) {
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
  }
  record.processes.clear()
}

/** The calls that are not streams. */
export const PROCESS_CALLS = {
  List: (record: SandboxRecord) => ({
    processes: [...record.processes].map(([pid, { config }]) => ({ pid, config })),
  }),
  SendInput(record: SandboxRecord, message: Record<string, unknown>) {
    const { running } = select(record, message)
    running.child.stdin.write(Buffer.from(INPUT.parse(message).input.stdin, 'base64'))
    return {}
  },
  CloseStdin(record: SandboxRecord, message: Record<string, unknown>) {
    select(record, message).running.child.stdin.end()
    return {}
  },
  /** Reaches only the process itself, not what it started: that is how envd does it. */
  SendSignal(record: SandboxRecord, message: Record<string, unknown>) {
    const { pid } = select(record, message)
    sendSignal(pid, SIGNAL.parse(message).signal === 'SIGNAL_SIGKILL' ? 'SIGKILL' : 'SIGTERM')
    return {}
  },
} as const

function select(
  { processes }: SandboxRecord,
  message: Record<string, unknown>,
): { readonly pid: number; readonly running: StandInProcess } {
  const { pid } = SELECTED.parse(message).process
  const running = processes.get(pid)
  if (!running) throw new ConnectError('not_found', `process with pid ${pid} not found`)
  return { pid, running }
}

function listen(
  call: StreamCall,
  { pid, running }: { readonly pid: number; readonly running: StandInProcess },
): void {
  const { response, record, timeoutMs } = call
  startStream(response)
  record.streams.add(response)
  const write = (event: object) => {
    response.write(envelope({ event }))
    if (event === running.end) finish()
  }
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          sendSignal(pid, 'SIGKILL')
          finish(new ConnectError('deadline_exceeded', 'context deadline exceeded'))
        }, timeoutMs)
  const forget = () => {
    clearTimeout(timer)
    running.listeners.delete(write)
    record.streams.delete(response)
  }
  function finish(error?: ConnectError): void {
    forget()
    endStream(response, error)
  }
  response.on('close', forget)
  running.listeners.add(write)
  write({ start: { pid } })
}

function emit(running: StandInProcess, event: object): void {
  for (const listener of [...running.listeners]) listener(event)
}

function forward(from: {
  readonly machine: Machine
  readonly running: StandInProcess
  readonly name: 'stdout' | 'stderr'
}): void {
  const { machine, running, name } = from
  const send = (text: string) =>
    emit(running, { data: { [name]: Buffer.from(text, 'latin1').toString('base64') } })
  const shown = machine.mapping.createShownStream(send)
  // One character for each byte: whatever is no path passes through unchanged.
  running.child[name].on('data', (chunk: Buffer) => shown.write(chunk.toString('latin1')))
  running.child[name].on('end', () => shown.flush())
}

/** Codes of the Connect protocol that envd answers with, and the HTTP status that each has in unary calls. */
const STATUS = {
  invalid_argument: 400,
  unauthenticated: 401,
  not_found: 404,
  already_exists: 409,
  deadline_exceeded: 504,
  unimplemented: 501,
} as const

export class ConnectError extends Error {
  readonly code: keyof typeof STATUS

  constructor(code: keyof typeof STATUS, message: string) {
    super(message)
    this.code = code
  }
}

/** One message of a stream: a flag byte, the length, and JSON. Flag 2 marks the last one. */
function envelope(value: unknown, flags = 0): Buffer {
  const json = Buffer.from(JSON.stringify(value))
  const prefix = Buffer.alloc(5)
  prefix[0] = flags
  prefix.writeUInt32BE(json.length, 1)
  return Buffer.concat([prefix, json])
}

/** The message in a request, which a streaming call wraps. */
export function readMessage(body: Buffer, contentType: string): Record<string, unknown> {
  const json = contentType.startsWith('application/connect+json') ? body.subarray(5) : body
  return JSON.parse(json.length === 0 ? '{}' : json.toString('utf8'))
}

export function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/connect+json' })
}

/** Ends a stream, whether it went well or not. */
export function endStream(response: ServerResponse, error?: ConnectError): void {
  response.end(envelope(error ? { error: { code: error.code, message: error.message } } : {}, 2))
}

export function answerUnary(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function refuseUnary(response: ServerResponse, error: ConnectError): void {
  response
    .writeHead(STATUS[error.code], { 'content-type': 'application/json' })
    .end(JSON.stringify({ code: error.code, message: error.message }))
}
