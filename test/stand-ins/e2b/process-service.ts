import type { ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { type CallSite, expandPath } from './accounts.ts'
import { ConnectError, endStream, envelope, startStream } from './connect-protocol.ts'
import { errnoCode } from './errno-words.ts'
import type { Account, MachineCommand } from './machine.ts'
import type { SandboxRecord } from './sandbox-record.ts'

/** A command that envd runs, or ran, and who listens to it. */
export interface StandInProcess {
  readonly child: ChildProcess
  readonly command: MachineCommand
  readonly config: z.infer<typeof CONFIG>
  readonly listeners: Set<Listener>
  /** Whether its end is reported although a process that it started still holds its output. */
  isSignalled: boolean
  end: object | undefined
}

interface Listener {
  readonly send: (event: object) => void
  /** Whether it takes more now. */
  readonly isFull: () => boolean
}

const CONFIG = z.object({
  cmd: z.string(),
  args: z.array(z.string()).default([]),
  envs: z.record(z.string(), z.string()).optional(),
  cwd: z.string().optional(),
})
const START = z.object({ process: CONFIG, stdin: z.boolean().default(true) })

export interface StreamCall extends CallSite {
  readonly message: Record<string, unknown>
  readonly response: ServerResponse
  readonly account: Account
  /** Of the `Connect-Timeout-Ms` header; undefined for none. */
  readonly timeoutMs: number | undefined
  /** Of the `Keepalive-Ping-Interval` header, or envd’s own. */
  readonly keepAliveMs: number
}

/** envd keeps the end of a process for a `Connect` that comes late. */
const KEEPS_ENDS_MS = 30_000

/** `process.Process/Start`: runs a command and streams what it does. Goes on without a listener. */
export async function startProcess(call: StreamCall): Promise<void> {
  const { process: config, stdin } = START.parse(call.message)
  const { processes } = call.record
  const command = await launch(call, config, stdin)
  const { child, pid } = command
  const running: StandInProcess = {
    child,
    command,
    config,
    listeners: new Set(),
    isSignalled: false,
    end: undefined,
  }
  processes.set(pid, running)
  child.stdin?.on('error', () => {})
  forward(running, 'stdout')
  forward(running, 'stderr')
  const report = (code: number | null, signal: NodeJS.Signals | null) => {
    if (running.end) return
    running.end = { end: describeEnd(code, signal) }
    for (const { send } of [...running.listeners]) send(running.end)
    setTimeout(() => {
      if (processes.get(pid) === running) processes.delete(pid)
    }, KEEPS_ENDS_MS).unref()
  }
  // envd reports the end when both streams are at theirs, which a background process can put off …
  child.on('close', report)
  // … unless it sent the signal: then it closes them when the process itself has ended.
  child.on('exit', async (code, signal) => {
    await nextTurn()
    await nextTurn() // What was written before is read first.
    if (!running.isSignalled) return
    child.stdout?.destroy()
    child.stderr?.destroy()
    report(code, signal)
  })
  listen(call, { pid, running })
}

async function launch(
  call: StreamCall,
  config: StandInProcess['config'],
  stdin: boolean,
): Promise<MachineCommand> {
  const { record, machine, account } = call
  const { cmd, args, envs } = config
  const cwd = findDirectory(() => expandPath(call, config.cwd ?? ''))
  function findDirectory(expand: () => string): string {
    try {
      const path = expand()
      if (!statSync(machine.locate(path), { throwIfNoEntry: false })) {
        throw new Error(`cwd '${path}' does not exist`)
      }
      return path
    } catch (error) {
      throw new ConnectError('invalid_argument', error instanceof Error ? error.message : '')
    }
  }
  const cannotStart = (why: string) =>
    new ConnectError('invalid_argument', `error starting process '${[cmd, ...args].join(' ')}': ${why}`)
  if (!statSync(machine.locate(cwd)).isDirectory()) throw cannotStart('fork/exec /bin/sh: not a directory')
  const known = { E2B_SANDBOX: 'true', E2B_SANDBOX_ID: record.id, E2B_TEMPLATE_ID: record.templateId }
  const { name, home } = account
  const env = {
    ...{ PATH: process.env.PATH ?? '', HOME: home, USER: name, LOGNAME: name },
    ...(record.isTold ? record.envs : {}),
    ...known,
    ...envs,
  }
  try {
    return await machine.start({ cmd, args, envs: env, cwd, account, stdin })
  } catch (error) {
    if (errnoCode(error) === 'ERR_INVALID_ARG_VALUE') throw cannotStart('fork/exec /bin/sh: invalid argument')
    throw cannotStart(error instanceof Error ? error.message : '')
  }
}

/** `process.Process/Connect`: listens to a command that runs already, or hears how one ended. */
export function connectProcess(call: StreamCall): void {
  listen(call, selectProcess(call.record, call.message))
}

const SELECTED = z.object({ process: z.object({ pid: z.number() }) })

/** @throws {ConnectError} when there is none. */
export function selectProcess(
  { processes }: SandboxRecord,
  message: Record<string, unknown>,
): { readonly pid: number; readonly running: StandInProcess } {
  const { pid } = SELECTED.parse(message).process
  const running = processes.get(pid)
  if (!running) throw new ConnectError('not_found', `process with pid ${pid} not found`)
  return { pid, running }
}

/** Go’s names of signals. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGQUIT: 'quit',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
}

/** What is 0, false or empty is left out, as protobuf’s JSON does. */
function describeEnd(code: number | null, signal: NodeJS.Signals | null): object {
  if (signal !== null) {
    const status = `signal: ${SIGNALS[signal] ?? signal}`
    return { exitCode: -1, status, error: status }
  }
  const status = `exit status ${code}`
  return code === 0 ? { exited: true, status } : { exitCode: code, exited: true, status, error: status }
}

function listen(
  call: StreamCall,
  { pid, running }: { readonly pid: number; readonly running: StandInProcess },
): void {
  const { response, record, timeoutMs, keepAliveMs } = call
  startStream(response)
  record.streams.add(response)
  const keepAlive = setInterval(() => response.write(envelope({ event: { keepalive: {} } })), keepAliveMs)
  keepAlive.unref()
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          signalProcess(running, 'SIGKILL')
          finish(new ConnectError('deadline_exceeded', 'context deadline exceeded'))
        }, timeoutMs)
  let isFull = false
  const send = (event: object) => {
    keepAlive.refresh()
    isFull = !response.write(envelope({ event }))
    if (event === running.end) finish()
  }
  const listener = { send, isFull: () => isFull }
  const forget = () => {
    clearTimeout(timer)
    clearInterval(keepAlive)
    running.listeners.delete(listener)
    record.streams.delete(response)
    flow(running)
  }
  function finish(error?: ConnectError): void {
    forget()
    endStream(response, error)
  }
  response.on('close', forget)
  response.on('drain', () => {
    isFull = false
    flow(running)
  })
  running.listeners.add(listener)
  send({ start: { pid } })
  if (running.end) send(running.end)
}

/** Signals the process itself, and only it. */
export function signalProcess(running: StandInProcess, signal: 'SIGKILL' | 'SIGTERM'): void {
  running.isSignalled = true
  if (!running.end) running.command.signal(signal)
}

function forward(running: StandInProcess, name: 'stdout' | 'stderr'): void {
  running.child[name]?.on('data', (chunk: Buffer) => {
    const event = { data: { [name]: chunk.toString('base64') } }
    for (const { send } of [...running.listeners]) send(event)
    flow(running)
  })
}

/** A listener that takes no more stops the command, which goes on writing only until the pipe is full. */
function flow({ child, listeners }: StandInProcess): void {
  const isFull = [...listeners].some((listener) => listener.isFull())
  for (const output of [child.stdout, child.stderr]) {
    if (isFull) output?.pause()
    else output?.resume()
  }
}
