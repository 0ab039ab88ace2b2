import { open } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { BackspaceError } from '../errors.ts'
import { MAX_ENVELOPE_BYTES } from './envelope.ts'
import { KEYS_PATH } from './key-list.ts'

const WAIT_MS = 30_000

/**
 * Reads a receipt or a list of keys from a file or an address that a person gives. No credential is sent.
 *
 * @param where a file, or an address that begins with `http://` or `https://`.
 * @throws {BackspaceError} `not_found`, `unauthorized`, `unavailable`, `bad_request`, each with what to do instead.
 */
export async function readSource(where: string): Promise<string> {
  const bytes = isAddress(where) ? await download(where) : await readOwnFile(where)
  if (bytes.length <= MAX_ENVELOPE_BYTES) return bytes.toString('utf8')
  throw new BackspaceError('bad_request', `${where} is larger than 8 MiB, so Backspace did not write it.`)
}

export function isAddress(where: string): boolean {
  return URL.canParse(where) && /^https?:$/.test(new URL(where).protocol)
}

/** Turns the address of a run's page into that of its receipt; other addresses and files stay the same. */
export function receiptAt(where: string): string {
  if (!isAddress(where) || !/\/runs\/[^/]+\/?$/.test(new URL(where).pathname)) return where
  return `${where.replace(/[?#].*$/, '').replace(/\/$/, '')}/receipt`
}

/** The run id in the address of a receipt; undefined for other addresses. */
export function runAt(where: string): string | undefined {
  if (!isAddress(where)) return undefined
  const id = /\/runs\/([^/]+)\/receipt\/?$/.exec(new URL(where).pathname)?.[1]
  return id && decodeURIComponent(id)
}

/** The address of the keys of the service that serves a receipt; undefined if the address is not one of a receipt. */
export function keysBeside(receipt: string): string | undefined {
  if (!isAddress(receipt)) return undefined
  const { origin, pathname } = new URL(receipt)
  const root = /^(.*)\/runs\/[^/]+\/receipt\/?$/.exec(pathname)?.[1]
  return root === undefined ? undefined : `${origin}${root}${KEYS_PATH}`
}

/** Turns the address of a service into that of its keys; other addresses and files stay the same. */
export function keysAt(where: string): string {
  if (!isAddress(where) || where.endsWith('.json')) return where
  return `${where.replace(/[?#].*$/, '').replace(/\/$/, '')}${KEYS_PATH}`
}

async function readOwnFile(path: string): Promise<Buffer> {
  try {
    await using file = await open(path)
    // Reads one byte more than allowed, which shows that the file is too large. A stream, since a pipe delivers it in parts.
    const stream = file.createReadStream({ end: MAX_ENVELOPE_BYTES, autoClose: false })
    return await buffer(stream)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why =
      code === 'ENOENT'
        ? 'There is no such file'
        : code === 'EISDIR'
          ? 'That is a directory'
          : 'It cannot be read'
    throw new BackspaceError('not_found', `${path}: ${why}.`, { cause })
  }
}

async function download(address: string): Promise<Buffer> {
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    // A redirect is not followed, since another server must not answer for this one.
    redirect: 'manual',
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch((cause: unknown) => {
    throw new BackspaceError('unavailable', `${address} does not answer. Check the address and try again.`, {
      cause,
    })
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw refusal(address, response.status)
  }
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    parts.push(part)
    length += part.length
    if (length > MAX_ENVELOPE_BYTES) break
  }
  return Buffer.concat(parts)
}

function refusal(address: string, status: number): BackspaceError {
  if (status === 401 || status === 403) {
    return new BackspaceError(
      'unauthorized',
      `${address} wants an API token (${status}). Download it with one, then check the file:\n  curl -H "Authorization: Bearer <token>" -o receipt.json ${address}\n  npm run verify -- receipt.json --keys ${keysBeside(address) ?? '<address of the service>'}`,
    )
  }
  if (status === 404) {
    return new BackspaceError(
      'not_found',
      `${address}: not found (404). A run has a receipt if it published a change that was verified, or proved a pull request.`,
    )
  }
  const elsewhere = status >= 300 && status < 400
  const why = elsewhere ? 'leads somewhere else: give the address that it leads to' : `answers with ${status}`
  return new BackspaceError('unavailable', `${address} ${why}.`)
}
