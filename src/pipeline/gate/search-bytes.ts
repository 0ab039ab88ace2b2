import { isUtf8 } from 'node:buffer'
import { findSecrets, type SecretFinding } from '../../secrets/find-secrets.ts'

/** What is searched: the content of one changed file. */
export interface SecretQuery {
  readonly bytes: Uint8Array
  /** The content at the base commit, if there is one: what it holds is in the repository already. */
  readonly before: Uint8Array | null | undefined
  readonly binary: boolean
  readonly knownSecrets: readonly string[]
}

/** A file of 10 MiB may hold hundreds of thousands. */
export const MOST_PLACES = 2000

/** Finds the secrets in a file; offsets are those of `fileText`. Of very many, the first ones and one of each rule. */
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

/** Latin-1 keeps every byte, so a key inside a binary file is found, also in UTF-16 and in other encodings. */
export function fileText(bytes: Uint8Array, binary: boolean): string {
  if (binary || !isUtf8(bytes))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** Runs `searchBytes` where it stops nothing else; undefined if it took longer than `limitMs`. */
export type SearchInThread = (
  query: SecretQuery,
  limitMs: number,
) => Promise<readonly SecretFinding[] | undefined>

/** A search in a file up to this size takes at most 20 milliseconds. */
const SMALL_BYTES = 16 * 1024
/** A few times what 10 MiB of random bytes take. */
const FILE_MS = 20_000
/** For all files of a change together. */
const CHANGE_MS = 60_000

/**
 * Searches the files of one change, one after the other: larger ones in a thread, with a limit for each file and for all.
 *
 * @returns undefined if there was no time to search the file, so that it must not be published.
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

/** What crosses to a thread takes the whole buffer along that it is a part of. */
export function unshared<Nothing extends null | undefined>(
  bytes: Uint8Array | Nothing,
): Uint8Array | Nothing {
  return bytes && Uint8Array.from(bytes)
}
