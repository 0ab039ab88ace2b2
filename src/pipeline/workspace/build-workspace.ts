import { BackspaceError } from '../../errors.ts'
import { gitEnvironment, runInSandbox, type Workspace } from './workspace.ts'

/**
 * Files are exactly the bytes of their blobs: line endings, encodings and filters that `.gitattributes` asks for
 * are switched off, in Backspace's git directory and in the agent's. Otherwise files differ from the commit, and
 * every file of a CRLF repository looks changed. (`!` because git refuses to switch those off with `-`.)
 */
export const WORKSPACE_ATTRIBUTES = '* -text -filter -ident !eol !working-tree-encoding\n'

/** A plain configuration for Backspace's git directory; it replaces whatever code in the sandbox wrote there. */
export const WORKSPACE_CONFIG = '[core]\n\trepositoryformatversion = 0\n\tbare = false\n'

/** What common tools leave behind; it belongs in no commit, even where no .gitignore says so. */
const EXCLUDES = [
  'node_modules/',
  '.venv/',
  '__pycache__/',
  '*.pyc',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.tox/',
  '.DS_Store',
].join('\n')

/** Makes the agent's clone out of Backspace's git directory `$G`, which holds the commit `$SHA` already. */
const BUILD = `set -eu
rm -rf "$W/.git"
mkdir -p "$W/.git" "$G/info"
printf '%s\\n' "$ATTRIBUTES" > "$G/info/attributes"
printf '%s\\n' "$EXCLUDES" > "$G/info/exclude"
rm -f "$G/FETCH_HEAD"
git --git-dir="$G" update-ref "refs/heads/$BRANCH" "$SHA"
git --git-dir="$G" symbolic-ref HEAD "refs/heads/$BRANCH"
# Objects are never changed in place, so links do; everything else is the agent's own copy.
cp -al "$G/objects" "$W/.git/objects" 2>/dev/null || { rm -rf "$W/.git/objects"; cp -a "$G/objects" "$W/.git/objects"; }
for part in HEAD config info refs shallow packed-refs; do
  if [ -e "$G/$part" ]; then cp -a "$G/$part" "$W/.git/"; fi
done
cd "$W"
git config core.bare false
git config user.name Backspace
git config user.email backspace@users.noreply.github.com
git config commit.gpgsign false
git read-tree "$SHA"
git checkout-index --all --force --quiet -u
# With its time: git tells by it which files may have changed within the second that it was written in.
cp -p .git/index "$G/index"
export GIT_DIR="$G" GIT_WORK_TREE="$W"
git update-index -q --refresh || true
git diff-files --quiet --ignore-submodules=dirty || { echo incomplete; exit 0; }
git rev-parse "$SHA^{tree}"
`

/**
 * Writes the files of the commit, and compares the resulting tree with the one that GitHub names.
 *
 * @throws {BackspaceError} `clone_failed`, `tree_mismatch`
 */
export async function buildWorkspace(
  { sandbox, base, path, gitDir }: Workspace,
  signal: AbortSignal,
): Promise<void> {
  const printed = await runInSandbox(sandbox, BUILD, {
    signal,
    timeoutMs: 300_000,
    env: {
      ...gitEnvironment(),
      G: gitDir,
      W: path,
      SHA: base.sha,
      BRANCH: base.branch,
      ATTRIBUTES: WORKSPACE_ATTRIBUTES,
      EXCLUDES,
    },
    code: 'clone_failed',
    failure: `The files of commit ${base.sha.slice(0, 7)} could not be written in the sandbox.`,
  })
  if (printed.trim() !== base.tree) {
    throw new BackspaceError(
      'tree_mismatch',
      `The files in the sandbox are not those of commit ${base.sha.slice(0, 7)}, so nothing was done. Try again; if it happens twice, tell the operator of Backspace.`,
      { facts: { expected: base.tree, found: printed.trim().slice(0, 100) } },
    )
  }
}

const CLEAN = `set -eu
cd "$GIT_WORK_TREE"
git update-index -q --refresh >/dev/null || true
git diff-files --name-only -z --ignore-submodules=all > "$GIT_DIR/setup-changed"
git checkout-index --all --force --quiet -u
git ls-files -z --others --exclude-standard --directory --no-empty-directory > "$GIT_DIR/setup-left"
`

/**
 * Removes the traces of setup and checks, which are not the agent's change. Files of the commit that they changed (a
 * rewritten lock file) are put back; new files that no `.gitignore` covers go into git's exclude file, so that
 * `collectChanges` leaves them out. Call it right before the agent starts.
 *
 * @param options.excludes the exclude file of an earlier sandbox of this run; its lines count too.
 * @returns how many files were put back, and the exclude file as it is now.
 */
export async function cleanWorkspace(
  { sandbox, path, gitDir }: Workspace,
  { signal, excludes }: { readonly signal: AbortSignal; readonly excludes?: Uint8Array | undefined },
): Promise<{ readonly restored: number; readonly excludes: Uint8Array }> {
  const exclude = `${gitDir}/info/exclude`
  if (excludes && excludes.length > 0) await sandbox.writeFile(exclude, excludes)
  await runInSandbox(sandbox, CLEAN, {
    signal,
    timeoutMs: 300_000,
    env: { ...gitEnvironment(), GIT_DIR: gitDir, GIT_WORK_TREE: path },
    code: 'clone_failed',
    failure: 'The workspace could not be compared with its commit after setup.',
  })
  const left = splitAtNul(await sandbox.readFile(`${gitDir}/setup-left`))
  const all = Buffer.concat([await sandbox.readFile(exclude), ...left.map(excludePattern)])
  await sandbox.writeFile(exclude, all)
  // The agent's own git must not show them as its work either.
  await sandbox.writeFile(`${path}/.git/info/exclude`, all)
  const restored = splitAtNul(await sandbox.readFile(`${gitDir}/setup-changed`)).length
  return { restored, excludes: all }
}

/** A line of an exclude file that matches exactly this path. Names stay bytes: they may be in any encoding. */
export function excludePattern(path: Uint8Array): Uint8Array {
  const special = new Set([...'[]*?\\!# '].map((character) => character.charCodeAt(0)))
  const escaped = [...path].flatMap((byte) => (special.has(byte) ? [0x5c, byte] : [byte]))
  return Uint8Array.from([0x2f, ...escaped, 0x0a])
}

/** The fields of `-z` output. */
export function splitAtNul(bytes: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0, start)
    const end = found === -1 ? bytes.length : found
    fields.push(bytes.subarray(start, end))
    start = end + 1
  }
  return fields
}
