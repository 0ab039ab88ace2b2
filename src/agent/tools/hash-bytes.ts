import { createHash } from 'node:crypto'

/** SHA-256, hexadecimal: tells whether a file is still as the agent saw it. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
