import { lstatSync, readdirSync, readlinkSync, renameSync, rmSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { type CallSite, expandPath } from './accounts.ts'
import { ConnectError } from './connect-protocol.ts'
import { errnoCode, errnoWords } from './errno-words.ts'
import type { Account, Machine } from './machine.ts'
import { makeDirectories } from './make-directories.ts'

/** Where a call acts, and as whom. */
export interface FileSite extends CallSite {
  readonly account: Account
}

type Message = Record<string, unknown>
const PATH = z.object({ path: z.string().default(''), depth: z.number().default(1) })
const MOVE = z.object({ source: z.string(), destination: z.string() })

/** `filesystem.Filesystem/*`, the calls that are not streams. */
export const FILESYSTEM_CALLS = {
  Stat: (site: FileSite, message: Message) => ({
    entry: describe(site, expand(site, PATH.parse(message).path)),
  }),
  ListDir(site: FileSite, message: Message) {
    const { path, depth } = PATH.parse(message)
    const shown = expand(site, path)
    const located = follow(site, shown)
    if (!statSync(located).isDirectory()) {
      throw new ConnectError('invalid_argument', `path is not a directory: ${site.machine.toShown(located)}`)
    }
    const entries = list(site, shown, depth === 0 ? 1 : depth)
    return entries.length === 0 ? {} : { entries }
  },
  MakeDir(site: FileSite, message: Message) {
    const path = expand(site, PATH.parse(message).path)
    const stats = statOrFail(site, path)
    if (stats?.isDirectory()) throw new ConnectError('already_exists', `directory already exists: ${path}`)
    if (stats) {
      throw new ConnectError('invalid_argument', `path already exists but it is not a directory: ${path}`)
    }
    orInternal('', () => makeDirectories(site, path))
    return { entry: describe(site, path) }
  },
  Move(site: FileSite, message: Message) {
    const { source, destination } = MOVE.parse(message)
    const [from, to] = [expand(site, source), expand(site, destination)]
    orInternal('', () => makeDirectories(site, dirname(to)))
    try {
      const { machine } = site
      const end = machine.locate(to, { follow: false })
      if (lstatSync(end, { throwIfNoEntry: false })?.isDirectory()) {
        throw Object.assign(new Error('Go refuses it'), { code: 'EEXIST' })
      }
      renameSync(machine.locate(from, { follow: false }), end)
    } catch (error) {
      const text = `rename ${from} ${to}: ${errnoWords(error)}`
      if (errnoCode(error) === 'ENOENT') throw new ConnectError('not_found', `source file not found: ${text}`)
      throw new ConnectError('internal', `error renaming: ${text}`)
    }
    return { entry: describe(site, to) }
  },
  Remove(site: FileSite, message: Message) {
    const path = expand(site, PATH.parse(message).path)
    try {
      rmSync(site.machine.locate(path, { follow: false }), { recursive: true, force: true })
    } catch (error) {
      const text = `unlinkat ${path}: ${errnoWords(error)}`
      throw new ConnectError('internal', `error removing file or directory: ${text}`)
    }
    return {}
  },
} as const

function expand(site: FileSite, path: string): string {
  try {
    return expandPath(site, path)
  } catch (error) {
    throw new ConnectError('invalid_argument', error instanceof Error ? error.message : '')
  }
}

function orInternal(before: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    throw new ConnectError('internal', before + (error instanceof Error ? error.message : ''))
  }
}

/** @returns undefined for what is not there. */
function statOrFail({ machine }: FileSite, path: string): Stats | undefined {
  try {
    return statSync(machine.locate(path), { throwIfNoEntry: false })
  } catch (error) {
    throw new ConnectError('internal', `error getting file info: stat ${path}: ${errnoWords(error)}`)
  }
}

function follow({ machine }: FileSite, path: string): string {
  try {
    const located = machine.locate(path)
    lstatSync(located)
    return located
  } catch (error) {
    if (errnoCode(error) === 'ELOOP') {
      throw new ConnectError('failed_precondition', `cyclic symlink or chain >255 links at "${path}"`)
    }
    if (errnoCode(error) === 'ENOENT') {
      throw new ConnectError('not_found', `path not found: lstat ${path}: no such file or directory`)
    }
    throw new ConnectError('internal', `error resolving symlink: lstat ${path}: ${errnoWords(error)}`)
  }
}

/** In the order of the names, each directory before what is in it. Links are not followed. */
function list(site: FileSite, path: string, depth: number): object[] {
  if (depth === 0) return []
  return readdirSync(site.machine.locate(path), { withFileTypes: true })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const at = join(path, entry.name)
      return [describe(site, at), ...(entry.isDirectory() ? list(site, at, depth - 1) : [])]
    })
}

/** What is 0, false or empty is left out, as protobuf’s JSON does. */
function describe({ machine }: FileSite, path: string): object {
  const located = machine.locate(path, { follow: false })
  const stats = lstatSync(located, { throwIfNoEntry: false })
  if (!stats) throw new ConnectError('not_found', `file not found: lstat ${path}: no such file or directory`)
  const target = stats.isSymbolicLink() ? whereTo(machine, path, located) : undefined
  const aim = stats.isSymbolicLink() ? target?.stats : stats
  return {
    name: basename(path) || '/',
    ...(aim?.isFile() ? { type: 'FILE_TYPE_FILE' } : {}),
    ...(aim?.isDirectory() ? { type: 'FILE_TYPE_DIRECTORY' } : {}),
    path,
    ...(stats.size > 0 ? { size: String(stats.size) } : {}),
    ...(aim && (aim.mode & 0o777) > 0 ? { mode: aim.mode & 0o777 } : {}),
    permissions: permissions(stats),
    owner: machine.nameOf(stats.uid),
    group: machine.nameOf(stats.gid),
    modifiedTime: stats.mtime.toISOString(),
    ...(target ? { symlinkTarget: target.path } : {}),
  }
}

/** Where a link leads; its own path if that is not there. */
function whereTo(
  machine: Machine,
  path: string,
  located: string,
): { readonly path: string; readonly stats: Stats | undefined } {
  try {
    const end = machine.locate(path)
    const stats = statSync(end, { throwIfNoEntry: false })
    const real = end === located ? readlinkSync(located) : machine.toShown(end)
    return stats ? { path: real, stats } : { path, stats: undefined }
  } catch {
    return { path, stats: undefined }
  }
}

/** As Go’s `FileMode` prints it. */
function permissions(stats: Stats): string {
  const { mode } = stats
  const kinds = [
    [stats.isDirectory(), 'd'],
    [stats.isSymbolicLink(), 'L'],
    [stats.isBlockDevice() || stats.isCharacterDevice(), 'D'],
    [stats.isFIFO(), 'p'],
    [stats.isSocket(), 'S'],
    [(mode & 0o4000) > 0, 'u'],
    [(mode & 0o2000) > 0, 'g'],
    [stats.isCharacterDevice(), 'c'],
    [(mode & 0o1000) > 0, 't'],
  ] as const
  const kind = kinds.map(([is, letter]) => (is ? letter : '')).join('') || '-'
  return kind + [...'rwxrwxrwx'].map((letter, at) => (mode & (1 << (8 - at)) ? letter : '-')).join('')
}
