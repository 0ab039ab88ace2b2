import { createHash } from 'node:crypto'
import { BackspaceError } from '../../errors.ts'
import { breathe } from '../../time/breathe.ts'

/**
 * Reads what `git cat-file --batch` printed in the sandbox. Each blob is hashed again, and one whose bytes do not have its
 * id is refused, and so is one that is larger than was asked for.
 *
 * @throws {BackspaceError} `tree_mismatch`
 */
export async function readBlobs(output: Uint8Array, mostBytes: number): Promise<Map<string, Uint8Array>> {
  const blobs = new Map<string, Uint8Array>()
  for (let position = 0; position < output.length; ) {
    const start = output.subarray(0, position + 100).indexOf(0x0a, position) + 1
    const head = Buffer.from(output.subarray(position, start)).toString('latin1')
    const [, sha, size] = /^([0-9a-f]{40}) blob (\d{1,12})\n$/.exec(head) ?? []
    if (!sha || !size || Number(size) > mostBytes) throw checksumMismatch()
    const bytes = output.slice(start, start + Number(size))
    if (blobSha(bytes) !== sha) throw checksumMismatch()
    blobs.set(sha, bytes)
    await breathe()
    position = start + bytes.length + 1
  }
  return blobs
}

/** Git's id of a blob with these bytes. */
export function blobSha(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

function checksumMismatch(): BackspaceError {
  return new BackspaceError(
    'tree_mismatch',
    'The changed files from the sandbox do not match their checksums, so nothing was published. Try again.',
  )
}
