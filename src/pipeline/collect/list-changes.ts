import { BackspaceError } from '../../errors.ts'
import {
  excludePattern,
  splitAtNul,
  WORKSPACE_ATTRIBUTES,
  WORKSPACE_CONFIG,
} from '../workspace/build-workspace.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'

/** What git in the sandbox says was changed; nothing of it is verified yet. */
export interface ListedChanges {
  readonly changes: readonly RawChange[]
  /** Renames that git found by similarity. */
  readonly similar: readonly RawChange[]
  /** Repositories inside the workspace, which were left out. */
  readonly nested: number
  /** True when git could not read some files. */
  readonly unreadable: boolean
}

const MAX_LIST_BYTES = 16 * 1024 * 1024

const FIND_NESTED = `set -eu
cd "$GIT_WORK_TREE"
rm -rf "$GIT_DIR/hooks" "$GIT_DIR/index.lock" "$GIT_INDEX_FILE" "$GIT_INDEX_FILE.lock"
cp -p "$GIT_DIR/index" "$GIT_INDEX_FILE"
git ls-files -z --others --exclude-standard > "$GIT_DIR/untracked"
wc -c < "$GIT_DIR/untracked"
`

const COMPARE = `set -eu
cd "$GIT_WORK_TREE"
if git add --all --ignore-errors . 2>/dev/null; then echo complete; else echo incomplete; fi
git diff-index --cached --raw -z --no-abbrev --no-renames --ignore-submodules=none "$TREE" > "$GIT_DIR/changes"
git diff-index --cached --raw -z --no-abbrev -M -l2000 --diff-filter=R "$TREE" > "$GIT_DIR/renames"
wc -c < "$GIT_DIR/changes"
wc -c < "$GIT_DIR/renames"
`

/**
 * Compares the workspace with the base commit, with Backspace's own git directory, index and environment: nothing that
 * the agent did to its `.git`, to git's configuration or to `.gitattributes` has an effect.
 *
 * @throws {BackspaceError} `change_too_large`, `publish_blocked`, `tree_mismatch`
 */
export async function listChanges(
  { sandbox, base, path, gitDir }: Workspace,
  signal: AbortSignal,
): Promise<ListedChanges> {
  const options = {
    signal,
    timeoutMs: 300_000,
    env: {
      ...gitEnvironment(),
      GIT_DIR: gitDir,
      GIT_WORK_TREE: path,
      GIT_INDEX_FILE: `${gitDir}/collect-index`,
      TREE: base.tree,
    },
    code: 'tree_mismatch',
    failure: 'What the agent changed could not be compared with the commit it started from. Try again.',
  } as const
  await sandbox.writeFile(`${gitDir}/config`, Buffer.from(WORKSPACE_CONFIG))
  await sandbox.writeFile(`${gitDir}/info/attributes`, Buffer.from(WORKSPACE_ATTRIBUTES))
  const nested = await excludeNested(options)
  const [complete, ...sizes] = (await runInSandbox(sandbox, COMPARE, options)).trim().split('\n')
  refuseLong(sizes)
  return {
    changes: parseRawChanges(await sandbox.readFile(`${gitDir}/changes`)),
    similar: parseRawChanges(await sandbox.readFile(`${gitDir}/renames`)),
    nested,
    unreadable: complete !== 'complete',
  }

  /** Git would record a nested repository as a submodule, or stop at one without a commit. */
  async function excludeNested(execution: typeof options): Promise<number> {
    refuseLong([await runInSandbox(sandbox, FIND_NESTED, execution)])
    const untracked = splitAtNul(await sandbox.readFile(`${gitDir}/untracked`))
    const repositories = untracked.filter((name) => name.at(-1) === 0x2f)
    if (repositories.length > 0) {
      const exclude = `${gitDir}/info/exclude`
      const kept = await sandbox.readFile(exclude)
      await sandbox.writeFile(exclude, Buffer.concat([kept, ...repositories.map(excludePattern)]))
    }
    return repositories.length
  }
}

function refuseLong(sizes: readonly string[]): void {
  if (sizes.every((size) => Number(size) <= MAX_LIST_BYTES)) return
  throw new BackspaceError(
    'change_too_large',
    'The list of changed files is too long to read. If the files are generated, add them to .gitignore and try again.',
  )
}

/** One line of `git diff-index --raw -z`. */
export interface RawChange {
  readonly path: string
  /** Only for a rename: the path that it came from. */
  readonly previousPath?: string | undefined
  /** `A`, `D`, `M`, `T` (another kind of file) or `R` (renamed). */
  readonly status: string
  readonly oldMode: string
  readonly newMode: string
  readonly oldSha: string
  readonly newSha: string
}

const HEADER = /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])\d*$/

/**
 * Reads git's list of changes. It comes from the sandbox, so anything that git would not write is refused.
 *
 * @throws {BackspaceError} `publish_blocked` for a name that is not UTF-8; `tree_mismatch` for anything else.
 */
function parseRawChanges(bytes: Uint8Array): RawChange[] {
  const fields = splitAtNul(bytes)
  const changes: RawChange[] = []
  for (let index = 0; index < fields.length; ) {
    const match = HEADER.exec(Buffer.from(fields[index++] ?? []).toString('latin1'))
    const [, oldMode, newMode, oldSha, newSha, status] = match ?? []
    if (!oldMode || !newMode || !oldSha || !newSha || !status) throw unreadable()
    const first = fields[index++]
    const second = status === 'R' ? fields[index++] : undefined
    if (!first || (status === 'R' && !second)) throw unreadable()
    const path = decodePath(second ?? first)
    const previousPath = second && decodePath(first)
    changes.push({ path, previousPath, status, oldMode, newMode, oldSha, newSha })
  }
  return changes
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

function unreadable(): BackspaceError {
  return new BackspaceError(
    'tree_mismatch',
    'The list of changes in the sandbox could not be read, so nothing was published. Try again.',
  )
}
