import { isUtf8 } from 'node:buffer'
import { findSecrets, type SecretFinding } from '../../secrets/find-secrets.ts'

/** The content of one changed file, to be searched for secrets. */
export interface SecretQuery {
  readonly bytes: Uint8Array
  /** The content at the base commit; null or undefined if there is none. Secrets in it are in the repository already. */
  readonly before: Uint8Array | null | undefined
  readonly binary: boolean
  readonly knownSecrets: readonly string[]
}

/** The most findings that are kept of a file, since one of 10 MiB may hold hundreds of thousands. */
export const MOST_PLACES = 2000

/**
 * Finds the secrets in a file, as offsets in `fileText`. If there are more than `MOST_PLACES`, the first ones and one of
 * each rule are returned.
 */
export function searchBytes({ bytes, before, binary, knownSecrets }: SecretQuery): readonly SecretFinding[] {
  const found = findSecrets(fileText(bytes, binary), {
    knownSecrets,
    before: before ? fileText(before, binary) : '',
  })
  const first = found.slice(0, MOST_PLACES)
  const rules = new Set(first.map(({ rule }) => rule))
  const ofOtherRules = found.slice(MOST_PLACES).filter(({ rule }) => !rules.has(rule) && rules.add(rule))
  return [...first, ...ofOtherRules]
}

/** The text to search. Latin-1 keeps every byte, so keys in binary files and in other encodings are found, too. */
export function fileText(bytes: Uint8Array, binary: boolean): string {
  if (binary || !isUtf8(bytes))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** Runs `searchBytes` in a thread; undefined if it took longer than `limitMs`. */
export type SearchInThread = (
  query: SecretQuery,
  limitMs: number,
) => Promise<readonly SecretFinding[] | undefined>

/** A search in a file up to this size takes at most 20 milliseconds. */
const SMALL_BYTES = 16 * 1024
/** Several times what a search in 10 MiB of random bytes takes. */
const FILE_MS = 20_000
/** Milliseconds for all files of a change together. */
const CHANGE_MS = 60_000

/**
 * Makes a search for the files of one change. Larger files are searched in a thread, with a time limit per file and one
 * for all files.
 *
 * @returns a search whose result is undefined if there was no time, in which case the file must not be published.
 */
export function createSecretSearch(
  inThread: SearchInThread = async (query) => searchBytes(query),
): (query: SecretQuery) => Promise<readonly SecretFinding[] | undefined> {
  let left = CHANGE_MS
  return async (query) => {
    if (query.bytes.length + (query.before?.length ?? 0) <= SMALL_BYTES) return searchBytes(query)
    if (left <= 0) return undefined
    const startedAt = performance.now()
    const ownQuery = { ...query, bytes: Uint8Array.from(query.bytes), before: unshared(query.before) }
    const found = await inThread(ownQuery, Math.min(FILE_MS, left))
    left -= performance.now() - startedAt
    return found
  }
}

/** Copies bytes for a thread: sending a view would send the whole buffer behind it. */
export function unshared<Nothing extends null | undefined>(
  bytes: Uint8Array | Nothing,
): Uint8Array | Nothing {
  return bytes && Uint8Array.from(bytes)
}
