import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { ConnectError } from './connect-json.ts'
import type { SandboxRecord } from './sandbox-record.ts'

/** Answer of `GET` and `POST /files`. */
export interface FileAnswer {
  readonly status: number
  readonly body: Buffer | object
}

/** `GET /files?path=`: the bytes of a regular file. */
export function readStandInFile({ machine }: SandboxRecord, path: string): FileAnswer {
  const real = machine.toReal(path)
  const stats = statSync(real, { throwIfNoEntry: false })
  if (!stats) return { status: 404, body: { code: 404, message: `path '${path}' does not exist` } }
  if (!stats.isFile()) return { status: 400, body: { code: 400, message: `path '${path}' is a directory` } }
  return { status: 200, body: readFileSync(real) }
}

export interface Upload {
  /** From the query; a form with several files names them itself. */
  readonly path: string | undefined
  readonly contentType: string
  readonly contentEncoding: string
  readonly body: Buffer
}

/** `POST /files`: a form, or the bytes as they are. Makes the directories above. */
export async function writeStandInFiles({ machine }: SandboxRecord, upload: Upload): Promise<FileAnswer> {
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
export const FILE_CALLS = {
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
