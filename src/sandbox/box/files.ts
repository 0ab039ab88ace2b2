import { constants } from 'node:fs'
import { access, mkdir, open, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Why a file could not be read or written. `text` names the path as it was requested. */
interface FileFailure {
  readonly reason: 'path_not_found' | 'no_space'
  readonly text: string
}

type FileResult = { readonly bytes: Buffer } | FileFailure

interface FileRequest {
  readonly path: string
  /** Directory that relative paths refer to. */
  readonly home: string
}

/** Reads a regular file, following symbolic links inside the box. It never waits for a pipe or a device. */
export async function readBoxFile(request: FileRequest & { readonly maxBytes: number }): Promise<FileResult> {
  try {
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants
    const file = await open(resolve(request.home, request.path), O_RDONLY | O_NONBLOCK | O_NOCTTY)
    try {
      const { size } = await file.stat().then((stats) => (stats.isFile() ? stats : { size: -1 }))
      if (size < 0) return failure(request.path, NOT_REGULAR)
      if (size > request.maxBytes) return failure(request.path, `is larger than ${request.maxBytes} bytes`)
      const bytes = await file.readFile()
      // The file may have grown since its size was read, and files in /proc report no size.
      if (bytes.length > request.maxBytes) return failure(request.path, 'grew while it was read')
      return { bytes }
    } finally {
      await file.close()
    }
  } catch (error) {
    return explain(request.path, error)
  }
}

/** Writes a regular file, following symbolic links, and creates missing directories. It never waits for a pipe. */
export async function writeBoxFile(
  request: FileRequest & { readonly bytes: Uint8Array },
): Promise<FileFailure | undefined> {
  try {
    const path = resolve(request.home, request.path)
    await mkdir(dirname(path), { recursive: true })
    const { O_WRONLY, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants
    const file = await open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o666)
    try {
      if (!(await file.stat()).isFile()) return failure(request.path, NOT_REGULAR)
      await file.truncate()
      await file.writeFile(request.bytes)
    } finally {
      await file.close()
    }
    return undefined
  } catch (error) {
    return explain(request.path, error)
  }
}

const NOT_REGULAR = 'is not a regular file'

function explain(path: string, error: unknown): FileFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return { reason: 'no_space', text: `${path} could not be written: the disk of the sandbox is full.` }
    case 'ENOENT':
      return failure(path, 'does not exist')
    case 'ENXIO': // A socket, or a pipe that no process reads.
    case 'ENODEV':
      return failure(path, NOT_REGULAR)
    case 'EISDIR':
      return failure(path, 'is a directory')
    case 'ENOTDIR':
      return failure(path, 'has a file where a directory is needed')
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failure(path, 'may not be accessed')
    default:
      return failure(path, `cannot be accessed (${code})`)
  }
}

function failure(path: string, what: string): FileFailure {
  return { reason: 'path_not_found', text: `${path} ${what}.` }
}

/** The box's part of `InspectedPath` of the sandbox. */
interface InspectedBoxPath {
  readonly root: string
  readonly path: string
  readonly kind: 'file' | 'directory' | 'missing' | 'other'
  readonly size: number
  readonly executable: boolean
  readonly bytes: Buffer | undefined
}

const MAX_LINKS = 40

/** Finds out where a path leads and what is there. Reads it if it is a file below `cwd` of at most `maxBytes`. */
export async function inspectBoxPath(request: {
  readonly path: string
  readonly cwd: string
  readonly home: string
  readonly maxBytes: number
}): Promise<InspectedBoxPath> {
  const { home, maxBytes } = request
  const cwd = resolve(home, request.cwd)
  const root = await follow(cwd)
  const path = await follow(resolve(cwd, request.path))
  const found = { root, path, size: 0, executable: false, bytes: undefined }
  const stats = await stat(path).catch(() => undefined)
  if (!stats) return { ...found, kind: 'missing' }
  if (!stats.isFile()) return { ...found, kind: stats.isDirectory() ? 'directory' : 'other' }
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
  const { size } = stats
  const isWanted = size <= maxBytes && path.startsWith(`${root}/`)
  const read = isWanted ? await readBoxFile({ path, home, maxBytes }) : undefined
  return { ...found, kind: 'file', size, executable, bytes: read && 'bytes' in read ? read.bytes : undefined }
}

/** Resolves links as `realpath -m` does: parts that are missing, and links beyond the limit, stay as written. */
async function follow(path: string): Promise<string> {
  const whole = await realpath(path).catch(() => undefined)
  if (whole !== undefined) return whole
  let followed = '/'
  let rest = namesOf(path)
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...after] = rest
    rest = after
    if (name === '..') {
      followed = dirname(followed)
      continue
    }
    const next = join(followed, name)
    const target = links < MAX_LINKS ? await readlink(next).catch(() => undefined) : undefined
    if (target === undefined) {
      followed = next
      continue
    }
    links++
    if (target.startsWith('/')) followed = '/'
    rest = [...namesOf(target), ...rest]
  }
  return followed
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}
