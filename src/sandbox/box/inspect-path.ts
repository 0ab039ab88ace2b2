import { constants } from 'node:fs'
import { access, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readBoxFile } from './files.ts'

/** See `InspectedPath` of the sandbox. */
export interface InspectedBoxPath {
  readonly root: string
  readonly path: string
  readonly kind: 'file' | 'directory' | 'missing' | 'other'
  readonly size: number
  readonly executable: boolean
  readonly bytes: Buffer | undefined
}

const MAX_LINKS = 40

/** Finds out where a path leads and what stands there, and reads it when it is a small enough file below `cwd`. */
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

/** Without links, as `realpath -m` has it: what is missing, and a link too many, is taken by its letters. */
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
