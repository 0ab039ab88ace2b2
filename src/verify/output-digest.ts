import { createHash } from 'node:crypto'

/** What tells one output from another. */
export interface OutputDigest {
  /** Of its UTF-8 bytes, in hexadecimal. */
  readonly sha256: string
  readonly bytes: number
}

/** @param output all that the host has of it: masked and without colours; a line says how much of the middle is left out. */
export function digestOutput(output: string): OutputDigest {
  const bytes = Buffer.from(output, 'utf8')
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }
}
