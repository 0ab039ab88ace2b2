import { BackspaceError } from '../../errors.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { excludePattern } from '../workspace/exclude-pattern.ts'
import { gitEnvironment } from '../workspace/git-environment.ts'
import { WORKSPACE_ATTRIBUTES, WORKSPACE_CONFIG } from '../workspace/install-workspace.ts'
import { runInSandbox } from '../workspace/run-in-sandbox.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { parseRawChanges, type RawChange } from './raw-changes.ts'
import { splitAtNul } from './split-at-nul.ts'

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
 * Compares the workspace with the base commit, with our own git directory, index and environment: whatever the
 * agent did to its `.git`, to git's configuration or to `.gitattributes` has no say.
 *
 * @throws {BackspaceError} `change_too_large`, `publish_blocked`, `tree_mismatch`
 */
export async function listChanges({
  sandbox,
  workspace: { base, path, gitDir },
  signal,
}: {
  readonly sandbox: Sandbox
  readonly workspace: Workspace
  readonly signal: AbortSignal
}): Promise<ListedChanges> {
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
    'So many files were changed that their list alone is too long to read. If they are generated, add them to .gitignore and try again.',
  )
}
