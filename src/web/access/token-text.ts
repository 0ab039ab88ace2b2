import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

type Random = (size: number) => Buffer

/**
 * Makes an API token: `bsp_`, 256 random bits, and a checksum of these. Secret scanners recognise it by its prefix, and
 * the checksum reveals a typo without asking the database.
 */
export const newTokenText = (random: Random = randomBytes): string => newText('bsp_', random)

/** False for a text that cannot be a token of ours. */
export const isTokenText = (text: string): boolean => isText('bsp_', text)

/** Makes the secret of a link that shares a run: like an API token, with the prefix `bss_`. */
export const newShareText = (random: Random = randomBytes): string => newText('bss_', random)

/** False for a text that cannot be the secret of such a link. */
export const isShareText = (text: string): boolean => isText('bss_', text)

function newText(kind: 'bsp_' | 'bss_', random: Random): string {
  const text = `${kind}${random(32).toString('base64url')}`
  return `${text}${checksum(text)}`
}

function isText(kind: 'bsp_' | 'bss_', text: string): boolean {
  const [, body = '', sum] = /^(bs[ps]_[A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/.exec(text) ?? []
  return body.startsWith(kind) && checksum(body) === sum
}

/** SHA-256 of a secret, in hexadecimal. Only this is stored; a plain hash is enough for random secrets, which cannot be guessed. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64url')
}
