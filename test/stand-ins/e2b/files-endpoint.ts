import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  openSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, dirname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expandPath } from './accounts.ts'
import { errnoCode, errnoWords } from './errno-words.ts'
import type { FileSite } from './filesystem-calls.ts'
import { makeDirectories } from './make-directories.ts'

/** A call of `/files`. */
interface FilesCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** From the query; a form with several files names them itself. */
  readonly path: string | undefined
  readonly body: Buffer
}

/** What envd says when a file call fails. */
class FileError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** `GET` and `POST /files`: bytes of files, as root; what is made belongs to the user. */
export async function answerFiles(site: FileSite, call: FilesCall): Promise<void> {
  try {
    if (call.request.method === 'POST') await writeFiles(site, call)
    else readFile(site, call)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    refuseFiles(call.response, error.status, error.message)
  }
}

export function refuseFiles(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify({ code, message })}\n`)
}

function readFile(site: FileSite, { response, path: given = '' }: FilesCall): void {
  const path = expand(site, given, `error expanding and resolving path '${given}'`)
  const stats = look(site, path, 'error checking if path exists')
  if (!stats) throw new FileError(404, `path '${path}' does not exist`)
  if (stats.isDirectory()) throw new FileError(400, `path '${path}' is a directory`)
  if (stats.isSocket()) throw new FileError(500, `error opening file '${path}': ${open(path, 'ENXIO')}`)
  // Opening it waits for one who writes.
  if (stats.isFIFO()) return
  // A device may go on for ever, and a file may grow meanwhile.
  const end = stats.size > 0 ? stats.size - 1 : Number.POSITIVE_INFINITY
  const bytes = createReadStream(site.machine.locate(path), { end })
  bytes.on('error', () => response.destroy())
  response.on('close', () => bytes.destroy())
  const length = stats.size > 0 ? { 'content-length': stats.size } : {}
  response.writeHead(200, {
    'content-disposition': `inline; filename=${encodeURIComponent(basename(path))}`,
    'content-type': 'application/octet-stream',
    ...length,
  })
  bytes.pipe(response)
}

async function writeFiles(site: FileSite, call: FilesCall): Promise<void> {
  const made: { readonly name: string; readonly path: string; readonly type: 'file' }[] = []
  for (const { path: given, bytes } of await unpack(call)) {
    const path = expand(site, given, 'error resolving path')
    if (!writeOne(site, path, bytes)) return // It waits for one who reads.
    made.push({ name: basename(path), path, type: 'file' })
  }
  call.response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(JSON.stringify(made))
}

/** @returns whether it was written. */
function writeOne(site: FileSite, path: string, bytes: Buffer): boolean {
  const { machine, account } = site
  try {
    makeDirectories(site, dirname(path))
  } catch (error) {
    throw new FileError(500, `error ensuring directories: ${error instanceof Error ? error.message : ''}`)
  }
  const stats = look(site, path, 'error getting file info:')
  if (stats?.isDirectory()) throw new FileError(400, `path is a directory: ${path}`)
  if (stats?.isSocket()) throw new FileError(500, `error opening file: ${open(path, 'ENXIO')}`)
  const located = machine.locate(path)
  if (stats?.isFIFO() && !hasReader(located)) return false
  try {
    writeFileSync(located, bytes)
  } catch (error) {
    if (errnoCode(error) === 'ENOSPC') {
      throw new FileError(507, `attempted to write ${bytes.length} bytes: not enough disk space available`)
    }
    throw new FileError(500, `error opening file: ${open(path, errnoCode(error))}`)
  }
  // Not a device: it is the host’s.
  if (!stats || stats.isFile()) machine.own(located, account)
  return true
}

function hasReader(fifo: string): boolean {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch {
    return false
  }
}

function open(path: string, code: string): string {
  return `open ${path}: ${errnoWords(Object.assign(new Error(code), { code }))}`
}

function expand(site: FileSite, path: string, failure: string): string {
  try {
    return expandPath(site, path)
  } catch (error) {
    throw new FileError(400, `${failure}: ${error instanceof Error ? error.message : ''}`)
  }
}

function look({ machine }: FileSite, path: string, failure: string): Stats | undefined {
  try {
    const located = machine.locate(path)
    const stats = statSync(located, { throwIfNoEntry: false })
    return stats ?? (existsSync(located) ? statSync(located) : undefined)
  } catch (error) {
    const quoted = failure.endsWith(':') ? failure : `${failure} '${path}':`
    throw new FileError(500, `${quoted} stat ${path}: ${errnoWords(error)}`)
  }
}

async function unpack(call: FilesCall): Promise<{ readonly path: string; readonly bytes: Buffer }[]> {
  const { path, request } = call
  const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers
  const body = encoding === 'gzip' ? gunzipSync(call.body) : call.body
  if (/^application\/octet-stream\b/.test(type)) {
    if (path === undefined) throw new FileError(400, 'path query parameter is required for raw body upload')
    return [{ path, bytes: body }]
  }
  if (!type.startsWith('multipart/')) {
    const expected = 'expected multipart/form-data or application/octet-stream'
    throw new FileError(400, `unsupported content type: ${type}, ${expected}`)
  }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const files = form.getAll('file').filter((part) => part instanceof File)
  return Promise.all(
    files.map(async (file) => ({ path: path ?? file.name, bytes: Buffer.from(await file.arrayBuffer()) })),
  )
}
