import { BackspaceError } from '../../errors.ts'
import { LOOK_ANSWER, LOOK_BEGIN, lookEnvironment } from './look-script.ts'
import { readAnswer } from './read-answer.ts'
import { runInSandbox, type Workspace } from './workspace.ts'

/** More files than this are not compared again at each look; then the script waits until they are old enough. */
const MOST_YOUNG = 2000

/**
 * Git notices by its time that a file was changed, in whole seconds. A time of change cannot be set, so what changes from
 * now on has at least this second. A file that has it already could change unnoticed: its entry loses what the file system
 * said, and each look reads it. (The kernel's clock for files is a few milliseconds behind: hence the second before, too.)
 */
const REFRESH = `for try in 1 2 3; do
  now=$(date +%s)
  git update-index -q --refresh >/dev/null || true
  git ls-files -z | N=$((now - 1)) xargs -0 -r bash -c 'exec find "\${@/#/./}" -maxdepth 0 -newerct "@$N" -print0 2>/dev/null' _ |
    sed -z 's|^[.]/||' > "$s/young" || true
  if [ "$(tr -cd '\\0' < "$s/young" | wc -c)" -le ${MOST_YOUNG} ]; then break; fi
  sleep 1
done
GIT_LITERAL_PATHSPECS=1 xargs -0 -r git ls-files -s -z -- < "$s/young" | git update-index -z --index-info
`

/** A name with a line break would be two lines of an exclude file: such a file counts as the agent's. */
const CLEAN = `${LOOK_BEGIN}${LOOK_ANSWER}
git update-index -q --refresh >/dev/null || true
git diff-files --name-only -z --ignore-submodules=all > "$s/changed"
tr -cd '\\0' < "$s/changed" | wc -c
if [ -s "$s/changed" ]; then git checkout-index -z --stdin --force --quiet -u < "$s/changed"; fi
exclude=$GIT_DIR/info/exclude
touch "$exclude"
git ls-files -z --others --exclude-standard --directory --no-empty-directory |
  sed -z '/\\n/d; s/[][*?\\\\!# ]/\\\\&/g; s|^|/|' | tr '\\0' '\\n' >> "$exclude"
# The agent's own git must not show them as its work either.
if [ -d .git ]; then mkdir -p .git/info && cp "$exclude" .git/info/exclude || true; fi
# Writes down the folders as they are, so that later looks read only those that changed.
git status --porcelain --ignore-submodules=dirty --untracked-files=normal >/dev/null
${REFRESH}
mv -f "$s/index" "$GIT_DIR/index"
echo "$(git hash-object --no-filters "$GIT_DIR/index") $(stat -c %Y "$GIT_DIR/index")"
cp "$exclude" "$s/exclude"
answer "$s/exclude"
`

interface CleanedWorkspace {
  /** With its new index. */
  readonly workspace: Workspace
  /** How many files were put back. */
  readonly restored: number
  /** The exclude file as it is now. */
  readonly excludes: Uint8Array
}

/**
 * Removes the traces of setup and checks, which are not the agent's change. Files of the commit that they changed (a
 * rewritten lock file) are put back; new files that no `.gitignore` covers go into git's exclude file, so that
 * `collectChanges` leaves them out. Call it right before the agent starts.
 *
 * @param options.excludes the exclude file of an earlier sandbox of this run; its lines count too.
 */
export async function cleanWorkspace(
  workspace: Workspace,
  { signal, excludes }: { readonly signal: AbortSignal; readonly excludes?: Uint8Array | undefined },
): Promise<CleanedWorkspace> {
  const { sandbox, gitDir } = workspace
  if (excludes && excludes.length > 0) await sandbox.writeFile(`${gitDir}/info/exclude`, excludes, { signal })
  const answer = `${gitDir}/setup-left`
  const printed = await runInSandbox(sandbox, CLEAN, {
    signal,
    timeoutMs: 300_000,
    env: { ...lookEnvironment(workspace), ANSWER: answer },
    code: 'clone_failed',
    failure: 'The workspace could not be compared with its commit after setup.',
  })
  const [restored = '', index = '', given = ''] = printed.split('\n')
  if (!/^\s*\d+$/.test(restored) || !/^[0-9a-f]{40} \d+$/.test(index)) {
    throw new BackspaceError(
      'clone_failed',
      'Git in the sandbox gave an unreadable answer about the workspace after setup. Try again.',
    )
  }
  return {
    workspace: { ...workspace, index },
    restored: Number(restored),
    excludes: await readAnswer(sandbox, given, { path: answer, signal }),
  }
}
