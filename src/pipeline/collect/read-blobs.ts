import { createHash } from 'node:crypto'
import { BackspaceError } from '../../errors.ts'
import { createBreathe } from '../../time/breathe.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'

interface ReadBlobsRequest {
  /** Git blob ids. */
  readonly shas: readonly string[]
  /** Larger blobs are left out of the answer. */
  readonly maxBytes: number
  /** @throws {BackspaceError} `change_too_large` when all together are larger. */
  readonly maxTotalBytes: number
  readonly signal: AbortSignal
}

/**
 * Reads blobs out of Backspace's git directory in the sandbox, in one go. The host hashes each blob again and refuses
 * one whose bytes do not have its id.
 *
 * @throws {BackspaceError} `tree_mismatch`, `change_too_large`
 */
export async function readBlobs(
  { sandbox, gitDir }: Workspace,
  { shas, maxBytes, maxTotalBytes, signal }: ReadBlobsRequest,
): Promise<Map<string, Uint8Array>> {
  if (shas.length === 0) return new Map()
  const options = {
    signal,
    timeoutMs: 120_000,
    env: { ...gitEnvironment(), GIT_DIR: gitDir, OUT: `${gitDir}/blobs` },
    code: 'tree_mismatch',
    failure: 'The changed files could not be read out of the sandbox.',
  } as const
  const listed = await runInSandbox(sandbox, "git cat-file --batch-check='%(objectname) %(objectsize)'", {
    ...options,
    stdin: `${shas.join('\n')}\n`,
  })
  const wanted = parseSizes(listed).filter(({ size }) => size <= maxBytes)
  const total = wanted.reduce((sum, { size }) => sum + size, 0)
  if (total > maxTotalBytes) {
    throw new BackspaceError(
      'change_too_large',
      `The changed files hold ${Math.round(total / 1024 / 1024)} MiB, more than the ${Math.round(maxTotalBytes / 1024 / 1024)} MiB that Backspace publishes at once. Ask for a smaller change.`,
    )
  }
  await runInSandbox(sandbox, 'git cat-file --batch > "$OUT"', {
    ...options,
    stdin: wanted.map(({ sha }) => `${sha}\n`).join(''),
  })
  return parseBatch(await sandbox.readFile(options.env.OUT), wanted)
}

/** Git's id of a blob with these bytes. */
export function blobSha(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

function parseSizes(text: string): { sha: string; size: number }[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const match = /^([0-9a-f]{40}) (\d{1,12})$/.exec(line)
      if (!match?.[1] || !match[2]) throw checksumMismatch()
      return { sha: match[1], size: Number(match[2]) }
    })
}

/** `<sha> blob <size>\n<bytes>\n`, one after the other. */
async function parseBatch(
  output: Uint8Array,
  wanted: readonly { readonly sha: string; readonly size: number }[],
): Promise<Map<string, Uint8Array>> {
  const blobs = new Map<string, Uint8Array>()
  const breathe = createBreathe()
  let position = 0
  for (const { sha, size } of wanted) {
    position = output.indexOf(0x0a, position) + 1
    const bytes = output.slice(position, position + size)
    if (position === 0 || blobSha(bytes) !== sha) throw checksumMismatch()
    blobs.set(sha, bytes)
    await breathe()
    position += size + 1
  }
  return blobs
}

function checksumMismatch(): BackspaceError {
  return new BackspaceError(
    'tree_mismatch',
    'The changed files from the sandbox do not match their checksums, so nothing was published. Try again.',
  )
}
