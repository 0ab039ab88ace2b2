import { BackspaceError } from '../../errors.ts'
import type { ExecResult, NextCommand } from '../../sandbox/sandbox.ts'
import { CHANGE_REF } from '../../verify/change-stream.ts'
import { describeHistory, HISTORY_FACTS, USUAL_DEPTH } from './history.ts'
import { LIST_POINTERS } from './large-filters.ts'
import { indexFacts, LOOK_ANSWER } from './look-script.ts'
import { readAnswer } from './read-answer.ts'
import { LIST_SUBMODULES } from './submodule-scripts.ts'
import { type Base, gitEnvironment, runWithNext, type Workspace } from './workspace.ts'

/** Files that common tools leave behind and that belong in no commit, even if no .gitignore covers them. */
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

/** Settings of the agent's clone, added to those that `git init` wrote for this file system. */
const SETTINGS = `[core]
\tbare = false
[user]
\tname = Backspace
\temail = backspace@users.noreply.github.com
[commit]
\tgpgsign = false`

/** Makes the git directory `$G` from the parts of packs and the references in `$INCOMING`. */
const UNPACK = `if [ -n "$INCOMING" ] && [ -d "$INCOMING" ]; then
  if [ -e "$G" ] || [ -L "$G" ]; then rm -rf "$G"; fi
  git init --quiet --bare --template= "$G"
  if [ -n "$SHALLOW" ]; then printf '%s' "$SHALLOW" > "$G/shallow"; fi
  for first in "$INCOMING"/*.00000; do
    cat "\${first%00000}"* | git --git-dir="$G" index-pack --stdin >/dev/null
  done
  if [ -e "$INCOMING/refs" ]; then cat "$INCOMING/refs" > "$G/packed-refs"; fi
  rm -rf "$INCOMING"
fi
`

/** Commits the change in standard input and sets `$SHA` to its id. Runs before any code of the repository. */
const CHANGE = `if [ -n "$CHANGE" ]; then
  git --git-dir="$G" fast-import --quiet --date-format=now >/dev/null
  SHA=$(git --git-dir="$G" rev-parse ${CHANGE_REF})
  git --git-dir="$G" update-ref -d ${CHANGE_REF}
fi
`

/**
 * Makes the agent's clone from Backspace's git directory `$G`, which holds the commit `$SHA`. Existing files that belong to
 * no commit stay, since setup made them in this sandbox or in the cached one.
 */
const BUILD = `${LOOK_ANSWER}${LIST_POINTERS}${LIST_SUBMODULES}
if [ -L "$W" ] || { [ -e "$W" ] && [ ! -d "$W" ]; }; then rm -rf "$W"; fi
if [ -e "$W/.git" ] || [ -L "$W/.git" ]; then rm -rf "$W/.git"; fi
mkdir -p "$W/.git" "$G/info"
rm -rf "$G/info/attributes"
printf '%s\\n' "$EXCLUDES" > "$G/info/exclude"
if [ -e "$G/FETCH_HEAD" ]; then rm -f "$G/FETCH_HEAD"; fi
# A branch may be in a folder that is the name of another one.
while read -r ref sha; do
  if [ -n "$ref" ]; then git --git-dir="$G" update-ref "$ref" "$sha" 2>/dev/null || true; fi
done <<< "$REFS"
git --git-dir="$G" update-ref "refs/heads/$BRANCH" "$SHA"
printf 'ref: refs/heads/%s\\n' "$BRANCH" > "$G/HEAD"
# Objects are never changed in place, so links do; everything else is the agent's own copy.
cp -al "$G/objects" "$W/.git/objects" 2>/dev/null || { rm -rf "$W/.git/objects"; cp -a "$G/objects" "$W/.git/objects"; }
parts=("$G/HEAD" "$G/config" "$G/info" "$G/refs")
for part in shallow packed-refs; do
  if [ -e "$G/$part" ]; then parts+=("$G/$part"); fi
done
cp -a "\${parts[@]}" "$W/.git/"
cd "$W"
# The last one of two counts.
printf '%s\\n' "$SETTINGS" >> .git/config
git read-tree "$SHA"
# Where the commit itself has such files (fixtures of a resolver), further ones may be meant.
if [ -n "$(git ls-files -ci -X "$G/info/exclude" | head -c 1)" ]; then
  while IFS= read -r pattern; do
    for fit in "$pattern" "/$pattern"; do
      if [ -z "$(git ls-files -ci -x "$fit" | head -c 1)" ]; then printf '%s\\n' "$fit"; break; fi
    done
  done <<< "$EXCLUDES" > "$G/info/exclude"
  cp "$G/info/exclude" .git/info/exclude
fi
# Where git finds a file of attributes in the folder, it does not look for that of the commit.
{ printf '\\0'; git ls-tree -rdz --name-only "$SHA" | sed -z 's|$|/|'; } | sed -z 's|$|.gitattributes|' | xargs -0 rm -rf --
asks
# Git's workers write UTF-8 where another encoding is asked for (seen in 2.39).
case $asked in *working-tree-encoding*) workers=1 ;; *) workers=0 ;; esac
git -c "checkout.workers=$workers" checkout-index --all --force --quiet -u
# Two names that are one on this file system: a file of the commit is missing, and nothing else says so.
case $(<.git/config) in
  *'ignorecase = true'*) if ! git diff-files --quiet --ignore-submodules=dirty; then echo incomplete; exit 0; fi ;;
esac
# With its time: git tells by it which files may have changed within the second that it was written in.
cp -p .git/index "$G/index"
git rev-parse "$SHA^{tree}"
${indexFacts('$G/index')}
large
modules
git version
${HISTORY_FACTS}`

/** Packs that were uploaded into the sandbox. */
export interface IncomingPack {
  /** Absolute path of a folder with the parts of packs (`0.00000` … of the first, `1.00000` … of the second) and `refs`. */
  readonly directory: string
  /** Contents of git's file `shallow`; empty if there is none. */
  readonly shallow: string
}

/** A change on top of the base commit. */
export interface ChangeToBuild {
  /** The output of `changeStream`. */
  readonly stream: Uint8Array
  /** The tree id that the result must have; undefined if it is not known. */
  readonly tree: string | undefined
}

interface BuildOptions {
  readonly signal: AbortSignal
  /** Packs to unpack first. Without them the git directory already has the commit. */
  readonly incoming?: IncomingPack | undefined
  readonly change?: ChangeToBuild | undefined
  /** A command that runs in the same request, once the files are written. */
  readonly next?: NextCommand | undefined
}

/** A workspace whose files have just been written. */
export interface BuiltWorkspace extends Workspace {
  /** Output of `LIST_POINTERS`; undefined if no attribute names Git LFS. */
  readonly pointers?: Uint8Array | undefined
  /** Output of `LIST_SUBMODULES`; undefined if there are no submodules. */
  readonly submodules?: Uint8Array | undefined
  /** Result of the command `next`, if there was one. */
  readonly next?: Promise<ExecResult> | undefined
}

/**
 * Writes the files of the commit, and compares the resulting tree with the one that GitHub names. Other files in the
 * workspace stay. With a change, the workspace is at a commit with exactly these bytes on top of the base.
 *
 * @returns the workspace with its index and its tree.
 * @throws {BackspaceError} `clone_failed`, `tree_mismatch`
 */
export async function buildWorkspace(
  workspace: Workspace,
  { signal, incoming, change, next }: BuildOptions,
): Promise<BuiltWorkspace> {
  const { sandbox, base, path, gitDir } = workspace
  const answer = `${gitDir}/pointers`
  const { stdout: printed, next: following } = await runWithNext(
    sandbox,
    `set -eu\n${UNPACK}${CHANGE}${BUILD}`,
    {
      signal,
      stdin: change?.stream,
      next,
      timeoutMs: 600_000,
      env: {
        ...gitEnvironment(),
        G: gitDir,
        W: path,
        INCOMING: incoming?.directory ?? '',
        SHALLOW: incoming?.shallow ?? '',
        CHANGE: change ? '1' : '',
        SHA: base.sha,
        BRANCH: base.branch,
        REFS: referencesOf(base).join('\n'),
        EXCLUDES,
        SETTINGS,
        ANSWER: answer,
      },
      code: 'clone_failed',
      failure: `The files of commit ${base.sha.slice(0, 7)} could not be written in the sandbox.`,
    },
  )
  const [tree = '', index = '', large = 'none', modules = 'none', version, history = ''] = printed
    .trim()
    .split('\n')
  const expected = change ? change.tree : base.tree
  if (!/^[0-9a-f]{40}$/.test(tree) || tree !== (expected ?? tree)) {
    throw new BackspaceError(
      'tree_mismatch',
      `The files in the sandbox are not those of commit ${base.sha.slice(0, 7)}, so nothing was done. Try again; if it happens twice, tell the operator of Backspace.`,
      { facts: { expected, found: printed.trim().slice(0, 100) } },
    )
  }
  const git = version?.replace(/^git version /, '')
  const facts = describeHistory(history, base.history ?? { depth: USUAL_DEPTH })
  const given = (line: string) => readAnswer(sandbox, line, { path: answer, signal })
  const pointers = large === 'none' ? undefined : await given(large)
  const submodules = modules === 'none' ? undefined : await given(modules)
  return {
    ...{ ...workspace, base: { ...base, tree }, index, git, history: facts },
    ...{ pointers, submodules, next: following },
  }
}

/** References for the other commits of the clone, and the one that lets `git diff origin/main` find the base. */
function referencesOf({ sha, branch, history }: Base): readonly string[] {
  const others = history?.others ?? []
  return [
    `refs/remotes/origin/${branch} ${sha}`,
    ...others.flatMap((other) => other.refs.map((ref) => `${ref} ${other.sha}`)),
  ]
}
