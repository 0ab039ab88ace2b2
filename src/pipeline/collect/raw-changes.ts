import { BackspaceError } from '../../errors.ts'

/** One line of `git diff-index --raw -z`. */
export interface RawChange {
  readonly path: string
  /** Only for a rename: the path that it came from. */
  readonly previousPath?: string | undefined
  /** `A` (added), `D` (deleted), `M` (modified), `T` (another kind of file) or `R` (renamed). */
  readonly status: string
  readonly oldMode: string
  readonly newMode: string
  readonly oldSha: string
  readonly newSha: string
}

const HEADER = /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])\d*$/

/** The longest path on disk. */
const MAX_PATH_BYTES = 4096

/**
 * Parses git's list of changes. It comes from the sandbox, so anything that git would not write is refused.
 *
 * @param most at most one more entry than this is read, which shows the caller that there are too many.
 * @throws {BackspaceError} `publish_blocked` for a name that is not UTF-8; `tree_mismatch` for anything else.
 */
export function parseRawChanges(bytes: Uint8Array, most: number): RawChange[] {
  const fields = fieldsOf(bytes)
  const changes: RawChange[] = []
  for (let head = fields.next(); !head.done && changes.length <= most; head = fields.next()) {
    const match = HEADER.exec(Buffer.from(head.value).toString('latin1'))
    const [, oldMode, newMode, oldSha, newSha, status] = match ?? []
    if (!oldMode || !newMode || !oldSha || !newSha || !status) throw unreadableList()
    const first = fields.next().value
    const second = status === 'R' ? fields.next().value : undefined
    if (!first || (status === 'R' && !second)) throw unreadableList()
    const path = decodePath(second ?? first)
    const previousPath = second && decodePath(first)
    changes.push({ path, previousPath, status, oldMode, newMode, oldSha, newSha })
  }
  return changes
}

/** The fields of `-z` output. */
function* fieldsOf(bytes: Uint8Array): Generator<Uint8Array, undefined> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0, start)
    const end = found === -1 ? bytes.length : found
    if (end - start > MAX_PATH_BYTES) throw unreadableList()
    yield bytes.subarray(start, end)
    start = end + 1
  }
}

function decodePath(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new BackspaceError(
      'publish_blocked',
      `A file whose name is not UTF-8 was changed: \`${escapePath(bytes)}\`. GitHub cannot store such a name. Rename the file by hand, or ask for a change that leaves it alone.`,
    )
  }
}

/** As git shows such names: everything outside printable ASCII in octal. */
function escapePath(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 300)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x60 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\${byte.toString(8).padStart(3, '0')}`,
    )
    .join('')
}

export function unreadableList(): BackspaceError {
  return new BackspaceError(
    'tree_mismatch',
    'The list of changes in the sandbox could not be read, so nothing was published. Try again.',
  )
}
