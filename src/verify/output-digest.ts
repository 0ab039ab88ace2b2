import { createHash } from 'node:crypto'

/** Digest and size of an output. */
export interface OutputDigest {
  /** SHA-256 of its UTF-8 bytes, in hexadecimal. */
  readonly sha256: string
  readonly bytes: number
}

/** @param output the output as the host has it: masked and without colours; if it was cut, a line says how much is missing. */
export function digestOutput(output: string): OutputDigest {
  const bytes = Buffer.from(output, 'utf8')
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }
}
