import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * What an API token looks like: `bsp_`, 256 random bits, and a checksum of what precedes it. Scanners for secrets know
 * it by its first letters, and a slip of the keyboard is noticed without asking the database.
 */
const TOKEN_SHAPE = /^(bsp_[A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/

export function newTokenText(random: (size: number) => Buffer = randomBytes): string {
  const text = `bsp_${random(32).toString('base64url')}`
  return `${text}${checksum(text)}`
}

/** False for a text that cannot be a token of ours. */
export function isTokenText(text: string): boolean {
  const match = TOKEN_SHAPE.exec(text)
  return match !== null && checksum(match[1] ?? '') === match[2]
}

/** SHA-256 of a secret, in hexadecimal: what is stored of it. Enough for random secrets, which cannot be guessed. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64url')
}
