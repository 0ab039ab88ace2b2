import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import { z } from 'zod'
import type { NamedTest } from './named-test.ts'

/** 50,000 tests with names of 1,000 characters are more than this; they are not kept. */
const MAX_BYTES = 32 * 1024 * 1024

const packed = z.array(
  z.object({
    name: z.string(),
    file: z.string().optional(),
    status: z.enum(['passed', 'failed', 'skipped']),
  }),
)

/** The tests of one check as bytes to store; undefined if they are too many to keep. */
export async function packTests(tests: readonly NamedTest[]): Promise<Uint8Array | undefined> {
  const text = Buffer.from(JSON.stringify(tests))
  return text.byteLength > MAX_BYTES ? undefined : promisify(deflate)(text)
}

/** @returns undefined for bytes that `packTests` did not write. */
export async function unpackTests(bytes: Uint8Array): Promise<readonly NamedTest[] | undefined> {
  try {
    const text = await promisify(inflate)(bytes, { maxOutputLength: MAX_BYTES })
    return packed.parse(JSON.parse(text.toString()))
  } catch {
    return undefined
  }
}
