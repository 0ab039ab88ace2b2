import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  answerUnary,
  ConnectError,
  endStream,
  readMessage,
  refuseUnary,
  startStream,
} from './connect-json.ts'
import { FILE_CALLS, readStandInFile, writeStandInFiles } from './file-service.ts'
import { answerJson } from './http.ts'
import { connectProcess, PROCESS_CALLS, startProcess } from './process-service.ts'
import type { SandboxRecord } from './sandbox-record.ts'

export interface SandboxCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly body: Buffer
  readonly sandbox: SandboxRecord | undefined
}

/** envd, the daemon in every sandbox, behind the proxy that answers for sandboxes which are not there. */
export async function answerSandbox(call: SandboxCall): Promise<void> {
  const { request, response, url, body, sandbox } = call
  if (sandbox?.state !== 'running') {
    const sandboxId = request.headers['e2b-sandbox-id']
    return answerJson(response, 502, { sandboxId, message: 'The sandbox was not found', code: 502 })
  }
  if (url.pathname === '/health') return void response.writeHead(204).end()
  if (request.headers['x-access-token'] !== sandbox.accessToken) {
    return answerJson(response, 401, {
      code: 401,
      message: 'unauthorized access, please provide a valid access token',
    })
  }
  if (url.pathname === '/files') return answerFiles(call, sandbox)
  return answerRpc({ request, response, url, body }, sandbox)
}

async function answerFiles(
  { request, response, url, body }: SandboxCall,
  sandbox: SandboxRecord,
): Promise<void> {
  const path = url.searchParams.get('path') ?? undefined
  const { headers } = request
  const upload = {
    path,
    contentType: headers['content-type'] ?? '',
    contentEncoding: headers['content-encoding'] ?? '',
    body,
  }
  const { status, body: answer } =
    request.method === 'POST'
      ? await writeStandInFiles(sandbox, upload)
      : readStandInFile(sandbox, path ?? '')
  if (Buffer.isBuffer(answer)) response.writeHead(status, { 'content-length': answer.length }).end(answer)
  else answerJson(response, status, answer)
}

function answerRpc(call: Omit<SandboxCall, 'sandbox'>, record: SandboxRecord): void {
  const { request, response, url } = call
  const contentType = request.headers['content-type'] ?? ''
  const timeout = request.headers['connect-timeout-ms']
  const message = readMessage(call.body, contentType)
  const stream = { record, message, response, timeoutMs: timeout === undefined ? undefined : Number(timeout) }
  try {
    if (url.pathname === '/process.Process/Start') startProcess(stream)
    else if (url.pathname === '/process.Process/Connect') connectProcess(stream)
    else answerUnary(response, findUnary(url.pathname)(record, message))
  } catch (error) {
    const known = error instanceof ConnectError ? error : new ConnectError('invalid_argument', String(error))
    if (contentType.startsWith('application/connect+json')) {
      startStream(response)
      endStream(response, known)
    } else refuseUnary(response, known)
  }
}

type UnaryCall = (record: SandboxRecord, message: Record<string, unknown>) => object

function findUnary(path: string): UnaryCall {
  const [service, name] = path.slice(1).split('/')
  const services: Readonly<Record<string, Readonly<Record<string, UnaryCall>>>> = {
    'process.Process': PROCESS_CALLS,
    'filesystem.Filesystem': FILE_CALLS,
  }
  const found = services[service ?? '']?.[name ?? '']
  if (!found) throw new ConnectError('unimplemented', `${path} is not part of the stand-in`)
  return found
}
