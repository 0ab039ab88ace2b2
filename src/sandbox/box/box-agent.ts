/**
 * The program inside a local box. It takes requests on stdin and answers on stdout, so other processes of the box have no
 * socket or file to tamper with. When the host process ends, stdin ends, and the agent ends everything that it started.
 */
import { readFile } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { inspectBoxPath, readBoxFile, writeBoxFile } from './files.ts'
import { type BoxIdentity, type HiddenTls, openHiddenTls } from './hidden-tls.ts'
import { keepOutputPipes, type OutputPipes } from './output-pipes.ts'
import { isLeftBehind, killProcessTree } from './process-tree.ts'
import { type BoxReply, type BoxRequest, createFrameDecoder, encodeFrame, type Frame } from './protocol.ts'
import { type RunningCommand, runCommand } from './run-command.ts'
import { HOST_HOME } from './shells.ts'
import { openSocketRelay, type SocketPair, type SocketRelay } from './socket-relay.ts'
import { relayTunnel } from './tunnel-relay.ts'

type Init = Extract<BoxRequest, { type: 'init' }>
type Exec = Extract<BoxRequest, { type: 'exec' }>

function runBoxAgent(): void {
  const running = new Map<number, RunningCommand>()
  const forwards = new Map<number, SocketRelay>()
  /** Process groups of ended commands that still have processes in the background. */
  const leftBehind = new Set<number>()
  let pipes: OutputPipes | undefined
  let hiddenTls: (() => Promise<HiddenTls>) | undefined
  let settings: Init = { type: 'init', home: '/', env: {}, boxId: 'none', confined: false }

  async function start(init: Init): Promise<void> {
    settings = init
    process.stdout.setMaxListeners(0)
    // Starts the threads for file operations now, since none could be started during a fork bomb.
    await readBoxFile({ path: '/dev/null', home: init.home, maxBytes: 0 })
    pipes = keepOutputPipes({ directory: init.home, env: init.env })
    if (init.relay) {
      const join = (pair: SocketPair) => {
        relayTunnel(pair, { hiddenTls: () => hiddenTls?.() }).catch(() => pair.inside.destroy())
      }
      await openSocketRelay({ ...init.relay, join })
    }
    await reply({ type: 'ready' })
    // Node writes its compile cache at exit, but this process is killed. Without a cache this does nothing.
    flushCompileCache()
  }

  /** Opened when the first program needs it. */
  function identify(identity: BoxIdentity): void {
    const file = settings.relay?.trusted
    let opened: Promise<HiddenTls> | undefined
    async function open(): Promise<HiddenTls> {
      return openHiddenTls(identity, file === undefined ? [] : [await readFile(file, 'utf8')])
    }
    hiddenTls = () => {
      opened ??= open()
      return opened
    }
  }

  async function exec(request: Exec, stdin: Buffer): Promise<void> {
    const home = request.shell === 'host' ? { HOME: HOST_HOME } : undefined
    const command = runCommand({
      ...request,
      home: settings.home,
      env: { ...settings.env, ...home, BACKSPACE_HOME: settings.home, ...request.env },
      stdin,
      marker: `${settings.boxId}.${request.id}`,
      orphans: settings.confined,
      pipes: pipes?.take(),
      onOutput: request.live
        ? (stream, chunk) => reply({ type: 'output', id: request.id, stream }, chunk)
        : undefined,
    })
    running.set(request.id, command)
    const { exitCode, outcome, stdout, stderr } = await command.ended
    running.delete(request.id)
    if (command.pid !== undefined) leftBehind.add(command.pid)
    forgetEmptyGroups()
    const end = { type: 'exit', id: request.id, exitCode, outcome, stdoutBytes: stdout.length } as const
    await reply(end, Buffer.concat([stdout, stderr]))
  }

  async function look({ id, of, maxBytes }: Extract<BoxRequest, { type: 'look' }>): Promise<void> {
    const command = running.get(of)
    if (command) await reply({ type: 'file', id }, command.printed().subarray(-maxBytes))
    else await reply({ type: 'failed', id, reason: 'path_not_found', text: 'The command has ended.' })
  }

  async function read(request: Extract<BoxRequest, { type: 'read' }>): Promise<void> {
    const result = await readBoxFile({ ...request, home: settings.home })
    if ('bytes' in result) await reply({ type: 'file', id: request.id }, result.bytes)
    else await reply({ type: 'failed', id: request.id, ...result })
  }

  async function inspect(request: Extract<BoxRequest, { type: 'inspect' }>): Promise<void> {
    const { bytes, ...facts } = await inspectBoxPath({ ...request, home: settings.home })
    await reply({ type: 'inspected', id: request.id, ...facts, read: bytes !== undefined }, bytes)
  }

  async function write(request: Extract<BoxRequest, { type: 'write' }>, bytes: Buffer): Promise<void> {
    const failure = await writeBoxFile({ path: request.path, home: settings.home, bytes })
    if (failure) await reply({ type: 'failed', id: request.id, ...failure })
    else await reply({ type: 'written', id: request.id })
  }

  async function forward({ id, socketPath }: Extract<BoxRequest, { type: 'forward' }>): Promise<void> {
    try {
      const relay = await openSocketRelay({ socketPath, port: 0 })
      forwards.set(id, relay)
      await reply({ type: 'forwarding', id, port: relay.port })
    } catch (error) {
      const text = `No port could be opened: ${String(error)}`
      await reply({ type: 'failed', id, reason: 'unavailable', text })
    }
  }

  function abort({ id }: Extract<BoxRequest, { type: 'abort' }>): void {
    running.get(id)?.abort()
    forwards.get(id)?.close()
    forwards.delete(id)
  }

  function handle({ header, body }: Frame): Promise<void> | void {
    const request = header as BoxRequest // The host is trusted.
    switch (request.type) {
      case 'init':
        return start(request)
      case 'identity':
        return identify(request)
      case 'exec':
        return exec(request, body)
      case 'look':
        return look(request)
      case 'abort':
        return abort(request)
      case 'forward':
        return forward(request)
      case 'read':
        return read(request)
      case 'inspect':
        return inspect(request)
      case 'write':
        return write(request, body)
    }
  }

  /** Ids of empty groups may be given to new processes, which may not belong to the box. */
  function forgetEmptyGroups(): void {
    for (const group of leftBehind) if (!isLeftBehind(group)) leftBehind.delete(group)
  }

  function end(): void {
    forgetEmptyGroups()
    const commands = [...running.values()].map(({ pid }) => pid)
    for (const pid of [undefined, ...commands, ...leftBehind]) {
      killProcessTree({ pid, marker: `${settings.boxId}.*`, orphans: settings.confined })
    }
    process.exit(0)
  }

  const decode = createFrameDecoder(() => Number.MAX_SAFE_INTEGER)
  process.stdin.on('data', (chunk: Buffer) => {
    for (const frame of decode(chunk)) void handle(frame)
  })
  process.stdin.on('end', end)
  process.stdout.on('error', end)
  process.on('SIGTERM', end)
}

/** Resolves when the host can take more. This slows down a command that writes faster than the host reads. */
function reply(header: BoxReply, body?: Uint8Array): Promise<void> {
  if (process.stdout.write(encodeFrame(header, body))) return Promise.resolve()
  return new Promise((resolve) => {
    process.stdout.once('drain', resolve)
  })
}

runBoxAgent()
