import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, dirname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { portClosed } from './e2b-faults.ts'
import type { SandboxRecord } from './machine.ts'
import {
  answerUnary,
  ConnectError,
  connectProcess,
  endStream,
  PROCESS_CALLS,
  readMessage,
  refuseUnary,
  startProcess,
  startStream,
} from './process-service.ts'

interface SandboxCall {
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
  if (performance.now() < sandbox.daemonDownUntil) return answerJson(response, 502, portClosed(sandbox.id))
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

/** Answer of `GET` and `POST /files`. */
interface FileAnswer {
  readonly status: number
  readonly body: Buffer | object
}

/** `GET /files?path=`: the bytes of a regular file. */
function readStandInFile({ machine }: SandboxRecord, path: string): FileAnswer {
  const real = machine.toReal(path)
  const stats = statSync(real, { throwIfNoEntry: false })
  if (!stats) return { status: 404, body: { code: 404, message: `path '${path}' does not exist` } }
  if (!stats.isFile()) return { status: 400, body: { code: 400, message: `path '${path}' is a directory` } }
  return { status: 200, body: readFileSync(real) }
}

interface Upload {
  /** From the query; a form with several files names them itself. */
  readonly path: string | undefined
  readonly contentType: string
  readonly contentEncoding: string
  readonly body: Buffer
}

/** `POST /files`: a form, or the bytes as they are. Makes the directories above. */
async function writeStandInFiles({ machine }: SandboxRecord, upload: Upload): Promise<FileAnswer> {
  const files = await unpack(upload)
  for (const { path, bytes } of files) {
    const real = machine.toReal(path)
    if (statSync(real, { throwIfNoEntry: false })?.isDirectory()) {
      return { status: 400, body: { code: 400, message: `path is a directory: ${path}` } }
    }
    mkdirSync(dirname(real), { recursive: true })
    writeFileSync(real, bytes)
  }
  return { status: 200, body: files.map(({ path }) => ({ name: basename(path), type: 'file', path })) }
}

async function unpack(upload: Upload): Promise<{ readonly path: string; readonly bytes: Buffer }[]> {
  const { path, contentType, contentEncoding } = upload
  const body = contentEncoding === 'gzip' ? gunzipSync(upload.body) : upload.body
  if (!contentType.startsWith('multipart/form-data')) return [{ path: path ?? '', bytes: body }]
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData()
  const files = form.getAll('file').filter((part) => part instanceof File)
  return Promise.all(
    files.map(async (file) => ({ path: path ?? file.name, bytes: Buffer.from(await file.arrayBuffer()) })),
  )
}

const PATH = z.object({ path: z.string() })
const MOVE = z.object({ source: z.string(), destination: z.string() })

/** `filesystem.Filesystem/*`, the calls that are not streams. */
const FILE_CALLS = {
  Stat: (record: SandboxRecord, message: Record<string, unknown>) => ({
    entry: describe(record, PATH.parse(message).path),
  }),
  ListDir(record: SandboxRecord, message: Record<string, unknown>) {
    const { path } = PATH.parse(message)
    describe(record, path)
    const names = readdirSync(record.machine.toReal(path))
    return { entries: names.map((name) => describe(record, `${path.replace(/\/$/, '')}/${name}`)) }
  },
  MakeDir(record: SandboxRecord, message: Record<string, unknown>) {
    const { path } = PATH.parse(message)
    if (statSync(record.machine.toReal(path), { throwIfNoEntry: false })) {
      throw new ConnectError('already_exists', `directory already exists: ${path}`)
    }
    mkdirSync(record.machine.toReal(path), { recursive: true })
    return { entry: describe(record, path) }
  },
  Move(record: SandboxRecord, message: Record<string, unknown>) {
    const { source, destination } = MOVE.parse(message)
    describe(record, source)
    renameSync(record.machine.toReal(source), record.machine.toReal(destination))
    return { entry: describe(record, destination) }
  },
  Remove(record: SandboxRecord, message: Record<string, unknown>) {
    rmSync(record.machine.toReal(PATH.parse(message).path), { recursive: true, force: true })
    return {}
  },
} as const

function describe({ machine }: SandboxRecord, path: string): object {
  const stats = statSync(machine.toReal(path), { throwIfNoEntry: false })
  if (!stats) throw new ConnectError('not_found', `file not found: ${path}`)
  const type = stats.isDirectory() ? 'FILE_TYPE_DIRECTORY' : 'FILE_TYPE_FILE'
  return {
    name: basename(path),
    type,
    path,
    size: String(stats.size),
    mode: stats.mode & 0o777,
    owner: 'user',
  }
}
