import type { IncomingMessage, ServerResponse } from 'node:http'
import { type CallSite, findAccount } from './accounts.ts'
import {
  answerUnary,
  ConnectError,
  endStream,
  readMessage,
  refuseUnary,
  startStream,
} from './connect-protocol.ts'
import { portClosed } from './e2b-faults.ts'
import { answerFiles, refuseFiles } from './files-endpoint.ts'
import { FILESYSTEM_CALLS } from './filesystem-calls.ts'
import type { Account } from './machine.ts'
import { PROCESS_CALLS, TooLargeInput } from './process-calls.ts'
import { connectProcess, startProcess } from './process-service.ts'
import type { SandboxRecord } from './sandbox-record.ts'

interface SandboxCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly body: Buffer
  readonly sandbox: SandboxRecord | undefined
}

const UNAUTHORIZED = 'unauthorized access, please provide a valid access token or method signing if supported'
const KEEP_ALIVE_SECONDS = 90

/** envd, the daemon in every sandbox, behind the proxy that answers for sandboxes which are not there. */
export async function answerSandbox(call: SandboxCall): Promise<void> {
  const { request, response, url, sandbox } = call
  if (sandbox?.state !== 'running') {
    const sandboxId = request.headers['e2b-sandbox-id']
    return answerJson(response, 502, { sandboxId, message: 'The sandbox was not found', code: 502 })
  }
  if (performance.now() < sandbox.daemonDownUntil) return answerJson(response, 502, portClosed(sandbox.id))
  if (url.pathname === '/health') return void response.writeHead(204, { 'cache-control': 'no-store' }).end()
  // A daemon that restarted knows no token, and asks for none.
  const token = request.headers['x-access-token']
  const isAllowed = !sandbox.isTold || token === sandbox.accessToken
  if (url.pathname === '/files') {
    if (isAllowed) return onFiles(call, sandbox)
    const why =
      token === undefined
        ? 'missing signature query parameter'
        : 'access token present in header but does not match'
    return refuseFiles(response, 401, why)
  }
  if (!isAllowed) return refuseFiles(response, 401, UNAUTHORIZED)
  if (url.pathname === '/metrics') return answerJson(response, 200, METRICS)
  return onRpc(call, sandbox)
}

async function onFiles({ request, response, url, body }: SandboxCall, record: SandboxRecord): Promise<void> {
  const name = url.searchParams.get('username') ?? undefined
  const machine = await record.machine.boot()
  const account = findAccount({ record, machine }, name)
  if (!account)
    return refuseFiles(response, 401, `error looking up user '${name}': user: unknown user ${name}`)
  const site = { record, machine, account }
  await answerFiles(site, { request, response, body, path: url.searchParams.get('path') ?? undefined })
}

async function onRpc(call: SandboxCall, record: SandboxRecord): Promise<void> {
  const { request, response, url } = call
  const contentType = request.headers['content-type'] ?? ''
  const [, service = '', name = ''] = url.pathname.split('/')
  try {
    const machine = await record.machine.boot()
    const account = authenticate(request, { record, machine })
    const message = readMessage(call.body, contentType)
    if (service === 'process.Process' && (name === 'Start' || name === 'Connect')) {
      const { 'connect-timeout-ms': timeout, 'keepalive-ping-interval': interval } = request.headers
      const timeoutMs = timeout === undefined ? undefined : Number(timeout)
      const keepAliveMs = 1000 * (Number(interval) || KEEP_ALIVE_SECONDS)
      const stream = { record, machine, account, message, response, timeoutMs, keepAliveMs }
      if (name === 'Start') return await startProcess(stream)
      return connectProcess(stream)
    }
    const onProcess = pick(PROCESS_CALLS, service === 'process.Process' ? name : '')
    if (onProcess) return answerUnary(response, await onProcess(record, message))
    const onFile = pick(FILESYSTEM_CALLS, service === 'filesystem.Filesystem' ? name : '')
    if (!onFile)
      return void response
        .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        .end('404 page not found\n')
    answerUnary(response, onFile({ record, machine, account }, message))
  } catch (error) {
    if (error instanceof TooLargeInput) return void request.socket.destroy()
    const known = error instanceof ConnectError ? error : new ConnectError('invalid_argument', String(error))
    if (contentType.startsWith('application/connect+json')) {
      startStream(response)
      endStream(response, known)
    } else refuseUnary(response, known)
  }
}

function pick<T extends object>(calls: T, name: string): T[keyof T] | undefined {
  return Object.hasOwn(calls, name) ? calls[name as keyof T] : undefined
}

/** @throws {ConnectError} when the sandbox has no such user. */
function authenticate({ headers }: IncomingMessage, site: CallSite): Account {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
  const name =
    encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8').split(':')[0]
  const account = findAccount(site, name)
  if (!account) throw new ConnectError('unauthenticated', `invalid username: '${name}'`)
  return account
}

const METRICS = { cpu_count: 2, cpu_used_pct: 1, mem_total: 536_870_912, mem_used: 134_217_728 }

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Without a value: no content. */
export function answerJson(
  response: ServerResponse,
  status: number,
  value?: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (value === undefined) response.writeHead(status, headers).end()
  else
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}
