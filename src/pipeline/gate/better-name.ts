import { posix } from 'node:path'
import { forPath, hiddenKind } from '../../text/hidden-characters.ts'
import { showPath } from '../../text/show-path.ts'
import { MAX_FOLDERS, MAX_SEGMENT_BYTES, pathProblem } from './paths.ts'
import { DEVICE, MAX_PATH, windowsProblem } from './windows-names.ts'

/** Whether a path, from the root of the repository, has a file already. */
export type IsTaken = (path: string) => boolean

/** The end of a sentence that proposes a name, such as ``; `nul_` would do``; empty when there is no similar free name. */
export function suggestion(path: string, isTaken: IsTaken): string {
  const better = betterName(path, isTaken)
  return better === undefined ? '' : `; ${showPath(better)} would do`
}

/**
 * Finds a free name that every operating system can store and that is similar to a name that some system cannot store.
 * Undefined when there is none.
 *
 * @param path path from the root of the repository.
 */
export function betterName(path: string, isTaken: IsTaken): string | undefined {
  if (path.split('/', MAX_FOLDERS + 2).length > MAX_FOLDERS + 1) return undefined
  const plain = (forPath(path) === undefined ? path : shown(path)).normalize('NFC')
  return freeName(
    shorter(plain.split('/').map(betterSegment).join('/')),
    (one) => one === path || isTaken(one),
  )
}

const MOST_TRIES = 20

/** The path itself if it is free, else the path with a number: `a-2.ts`. */
export function freeName(path: string, isTaken: IsTaken): string | undefined {
  const { dir, name, ext } = posix.parse(path)
  for (let number = 1; number <= MOST_TRIES; number++) {
    const better = number === 1 ? path : posix.join(dir, `${name}-${number}${ext}`)
    if (pathProblem(better) !== undefined || windowsProblem(better) !== undefined) return undefined
    if (!isTaken(better)) return better
  }
  return undefined
}

function shown(path: string): string {
  return [...path].filter((one) => hiddenKind(one) === undefined && !/[\p{Cc}\ufffd]/u.test(one)).join('')
}

function betterSegment(name: string): string {
  const ended = name.replace(/[<>:"|?*\\]+/g, '-').replace(/[. ]+$/, '')
  const named = DEVICE.test(ended) ? ended.replace(/^[^.]*/, (stem) => `${stem.trimEnd()}_`) : ended
  const size = Buffer.byteLength(named)
  return size > MAX_SEGMENT_BYTES ? cut(named, size - MAX_SEGMENT_BYTES) : named
}

/** Removes bytes from the end of the name, before its extension. */
function cut(name: string, bytes: number): string {
  const { name: stem, ext } = posix.parse(name)
  const kept = Buffer.from(stem).subarray(0, Math.max(0, Buffer.byteLength(stem) - bytes))
  return `${new TextDecoder()
    .decode(kept)
    .replace(/\ufffd+$/, '')
    .trimEnd()}${ext}`
}

/** Shortens the file's own name to make the whole path short enough; returns the path unchanged if that does not suffice. */
function shorter(path: string): string {
  const over = path.length - MAX_PATH
  if (over <= 0) return path
  const { dir, name, ext } = posix.parse(path)
  const kept = name
    .slice(0, Math.max(0, name.length - over))
    .toWellFormed()
    .replace(/\ufffd$/, '')
    .trimEnd()
  return kept.length < LEAST_KEPT ? path : posix.join(dir, `${kept}${ext}`)
}

/** Characters that stay of a name, since a shorter one would not say what is in the file. */
const LEAST_KEPT = 8
