import { BackspaceError } from '../../errors.ts'
import {
  DROP_UNCHANGED,
  INDEX_FACTS,
  indexFacts,
  LOOK_ANSWER,
  LOOK_BEGIN,
  lookEnvironment,
  requireNoPipes,
} from './look-script.ts'
import { readAnswer } from './read-answer.ts'
import { runInSandbox, type Workspace } from './workspace.ts'

/** With more young files, the script waits until they are old enough, so that they need not be read again each time. */
const MOST_YOUNG = 2000

/** A name with a line break would be two lines of an exclude file, so such a file counts as the agent's. */
const CLEAN = `${LOOK_BEGIN}${LOOK_ANSWER}${DROP_UNCHANGED}
use_index
if [ "$GIT_INDEX_FILE" != "$s/index" ]; then cp -p "$GIT_INDEX_FILE" "$s/index"; export GIT_INDEX_FILE="$s/index"; fi
# Brings the index up to date, folders included.
compare() {
  printf -v now '%(%s)T' -1
  git status --porcelain -z --no-renames --ignore-submodules=all --untracked-files=normal > "$s/status"
  : > "$s/changed"; : > "$s/left"
  while IFS= read -r -d '' line; do
    case $line in
      '?? '*) printf '%s\\0' "\${line:3}" >&3 ;;
      # Only a merge differs from its commit, and the list of files is the truth.
      ?' '*) ;;
      *) printf '%s\\0' "\${line:3}" >&4 ;;
    esac
  done < "$s/status" 3>> "$s/left" 4>> "$s/changed"
  drop_unchanged
}
compare
no_pipes
tr -cd '\\0' < "$s/changed" | wc -c
if [ -s "$s/changed" ]; then
  # So that git takes the attributes of the commit.
  { grep -zE '(^|/)\\.gitattributes$' "$s/changed" || true; } | xargs -0 -r rm -rf --
  git checkout-index -z --stdin --force --quiet -u < "$s/changed"
  compare
fi
exclude=$GIT_DIR/info/exclude
: >> "$exclude"
if [ -s "$s/left" ]; then
  sed -z '/\\n/d; s/[][*?\\\\!# ]/\\\\&/g; s|^|/|' < "$s/left" | tr '\\0' '\\n' >> "$exclude"
fi
# The agent's own git must not show them as its work either.
if [ -d .git ]; then { [ -d .git/info ] || mkdir -p .git/info; } && cp "$exclude" .git/info/exclude || true; fi
if [ -s "$s/left" ]; then compare; fi
# Git notices by its time that a file was changed, in whole seconds. A time of change cannot be set, so what changes from now
# on has at least this second. A file that has it already could change unnoticed: its entry loses what the file system said,
# and each look reads it. (The kernel's clock for files is a few milliseconds behind: hence the second before, too.)
young() {
  git ls-files -z | sed -z 's|^|./|' |
    N=$((now - 1)) xargs -0 -r sh -c 'exec find "$@" -maxdepth 0 -newerct "@$N" -print0 2>/dev/null' _ > "$s/young" || true
}
for try in 1 2 3; do
  young
  if [ "$(grep -zc '' "$s/young")" -le ${MOST_YOUNG} ] || [ "$try" = 3 ]; then break; fi
  sleep 1
  printf -v now '%(%s)T' -1
  git update-index -q --refresh >/dev/null || true
done
if [ -s "$s/young" ]; then
  # A pattern may fit more files; these are then read, too.
  tr '\\0' '\\n' < "$s/young" | sed 's|^\\(\\./\\)\\{0,1\\}|\\t|' > "$s/patterns"
  git ls-files -s -z | { grep -zFf "$s/patterns" || true; } | git update-index -z --index-info
fi
# Otherwise the agent's first git status reads every file that is as young as its index.
if cmp -s .git/index "$GIT_DIR/index"; then cp "$s/index" .git/index || true; fi
mv -f "$s/index" "$GIT_DIR/index"
${indexFacts('$GIT_DIR/index')}
cp "$exclude" "$s/exclude"
answer "$s/exclude"
`

interface CleanedWorkspace {
  /** The workspace with its new index. */
  readonly workspace: Workspace
  /** How many files of the commit were restored. */
  readonly restored: number
  /** The new contents of git's exclude file. */
  readonly excludes: Uint8Array
}

/**
 * Removes the traces of setup and checks, which are not the agent's work. Changed files of the commit, such as a rewritten
 * lock file, are restored. New files that no `.gitignore` covers go into git's exclude file, so that `collectChanges`
 * leaves them out. Call it right before the agent starts.
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
    env: { ...lookEnvironment(workspace), GIT_OPTIONAL_LOCKS: '1', ANSWER: answer },
    code: 'clone_failed',
    failure: 'The workspace could not be compared with its commit after setup.',
  })
  requireNoPipes(printed)
  const [restored = '', index = '', given = ''] = printed.split('\n')
  if (!/^\s*\d+$/.test(restored) || !INDEX_FACTS.test(index)) {
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
