import { BackspaceError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { CHANGE_REF, changeStream } from '../../verify/change-stream.ts'
import type { Cloner } from '../clone/clone-repository.ts'
import type { Journal } from '../journal.ts'
import type { BuiltWorkspace } from '../workspace/build-workspace.ts'
import { cleanWorkspace } from '../workspace/clean-workspace.ts'
import { LIST_POINTERS, largeFilters } from '../workspace/large-filters.ts'
import { readPointer } from '../workspace/large-pointer.ts'
import { INDEX_FACTS, indexFacts, LOOK_ANSWER } from '../workspace/look-script.ts'
import { readAnswer } from '../workspace/read-answer.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'
import type { PreparedMerge } from './prepare-merge.ts'

/**
 * Puts the agent's own git into the state of a merge in progress: on the pull request's branch, with the stages of files in
 * conflict.
 */
const TELL = `cd "$W"
cp -p "$G/index" .git/index
export GIT_DIR="$W/.git"
git update-ref "refs/heads/$BRANCH" "$HEAD"
git update-ref refs/head "$HEAD"
git update-ref refs/base "$BASE"
printf 'ref: refs/heads/%s\\n' "$BRANCH" > .git/HEAD
printf '%s\\n' "$BASE" > .git/MERGE_HEAD
printf 'Merge %s into %s\\n' "$FROM" "$BRANCH" > .git/MERGE_MSG
: > .git/MERGE_MODE
if [ -s "$STAGES" ]; then git update-index -z --index-info < "$STAGES"; fi
rm -f "$STAGES"
`

/** Turns a workspace with the base branch into one with exactly the merged files. */
const APPLY = `set -eu
${LOOK_ANSWER}${LIST_POINTERS}
cd "$W"
git --git-dir="$G" fast-import --quiet --date-format=now >/dev/null
MERGED=$(git --git-dir="$G" rev-parse "${CHANGE_REF}^{tree}")
git --git-dir="$G" update-ref -d ${CHANGE_REF}
if [ "$MERGED" != "$TREE" ]; then echo "$MERGED"; exit 0; fi
rm -rf .git/objects
cp -al "$G/objects" .git/objects 2>/dev/null || { rm -rf .git/objects; cp -a "$G/objects" .git/objects; }
rm -f .git/index
export GIT_DIR="$G" GIT_WORK_TREE="$W" GIT_INDEX_FILE="$G/index"
# What is in the folders of submodules is of the base; git leaves it there.
git diff-tree -r --raw -z --no-abbrev --no-renames --ignore-submodules=none "$BASE" "$TREE" > "$G/moved"
while IFS= read -r -d '' change && IFS= read -r -d '' name; do
  case $change in ':160000 '*|':'??????' 160000 '*) rm -rf "\${W:?}/$name" "$G/below/$name" ;; esac
  case $change in ':'??????' 160000 '*) printf '160000 %s 0\\t%s\\0' "\${change:56:40}" "$name" >&3 ;; esac
done < "$G/moved" 3> "$G/modules"
rm "$G/moved"
attributes=$(git diff-tree -r --name-only --no-renames "$BASE" "$TREE" | grep -E '(^|/)\\.gitattributes$' || true)
git read-tree --reset -u "$TREE"
# Files that the merge leaves alone are written as the attributes ask for now.
if [ -n "$attributes" ]; then git read-tree "$TREE"; git checkout-index --all --force --quiet -u; fi
echo "$MERGED"
asks
given=$(large)
printf '%s\\n' "$given"
if [ -s "$G/modules" ]; then
  { git cat-file blob :.gitmodules 2>/dev/null | head -c 65536; printf '\\0'; head -z -n 200 "$G/modules"; } > "$G/listed"
  ANSWER="$G/modules" answer "$G/listed"
else echo none; fi
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
${indexFacts('$G/index')}
if [ "$given" = none ]; then
${TELL}
fi
`

/**
 * Applies a merge to a workspace that is clean at the base branch: call it after setup and before the agent.
 *
 * @returns the workspace, whose base tree is now the tree of the merge with its conflicts.
 * @throws {BackspaceError} `tree_mismatch`, `clone_failed`
 */
async function applyMerge(
  { workspace, excludes }: Held,
  prepared: PreparedMerge,
  parts: ApplyParts,
): Promise<Held> {
  const { signal } = parts.attempt
  const { sandbox, base, path, gitDir } = workspace
  const stages = `${gitDir}/stages`
  const answer = `${gitDir}/pointers`
  const how = {
    signal,
    timeoutMs: 300_000,
    env: {
      ...gitEnvironment(largeFilters(gitDir)),
      W: path,
      G: gitDir,
      TREE: prepared.tree,
      BASE: base.sha,
      HEAD: prepared.wish.headSha,
      FROM: prepared.wish.from,
      BRANCH: base.branch,
      STAGES: stages,
      ANSWER: answer,
    },
    code: 'clone_failed',
    failure: 'The merge could not be put into the sandbox. Try again.',
  } as const
  await sandbox.writeFile(stages, stagesOf(prepared), { signal })
  const printed = await runInSandbox(sandbox, APPLY, {
    stdin: changeStream(base.sha, prepared.files),
    ...how,
  })
  const [tree = '', large = 'none', listed = 'none', index = ''] = printed.trim().split('\n')
  if (tree !== prepared.tree || !INDEX_FACTS.test(index)) {
    throw new BackspaceError(
      'tree_mismatch',
      'The merged files in the sandbox are not those that git merged on the host, so nothing was done. Try again.',
      { facts: { expected: prepared.tree, found: printed.trim().slice(0, 100) } },
    )
  }
  const merged = { ...workspace, base: mergedBase(base, prepared), index }
  if (listed !== 'none') {
    const submodules = await readAnswer(sandbox, listed, { path: `${gitDir}/modules`, signal })
    const missing = (
      await parts.cloner.bringModules({ ...merged, submodules }, { access: parts.access, signal })
    )?.missing
    if (missing !== undefined) parts.journal.notice('warning', `In the merge, ${missing}.`)
  }
  if (large === 'none') return cleanWorkspace(merged, { signal, excludes })
  const pointers = await readAnswer(sandbox, large, { path: answer, signal })
  const whole = await filled({ ...merged, pointers }, prepared, parts)
  await runInSandbox(sandbox, `set -eu\n${TELL}`, how)
  return cleanWorkspace(whole, { signal, excludes })
}

/** Fetches contents in Git LFS: those of merged files, and for files in conflict those of both sides. */
async function filled(
  merged: BuiltWorkspace,
  { conflicts }: PreparedMerge,
  { cloner, access, attempt: { signal }, journal }: ApplyParts,
): Promise<Workspace> {
  const sides = conflicts.flatMap(({ path, sides }) =>
    sides.flatMap((side) => {
      const pointer = readPointer(side)
      return pointer ? [{ ...pointer, path }] : []
    }),
  )
  const filled = await cloner.fill(merged, { access, signal, sides })
  const missing = filled.large?.missing
  if (missing !== undefined && missing !== merged.large?.missing) journal.notice('warning', `${missing}.`)
  return filled
}

/** The base with which a merged workspace is compared. */
export function mergedBase(base: Workspace['base'], { tree }: PreparedMerge): Workspace['base'] {
  return { ...base, tree }
}

/** Input of `git update-index --index-info`, which removes each merged entry and adds the entries of both sides. */
function stagesOf({ conflicts }: PreparedMerge): Uint8Array {
  const none = '0'.repeat(40)
  const lines = conflicts
    .filter(({ relock }) => relock === undefined)
    .flatMap(({ path, ancestor, ours, theirs }) => [
      `0 ${none}\t${path}`,
      ...[ancestor, ours, theirs].flatMap((stage, index) =>
        stage ? [`${stage.mode} ${stage.sha} ${index + 1}\t${path}`] : [],
      ),
    ])
  return Buffer.from(lines.map((line) => `${line}\0`).join(''))
}

interface Held {
  readonly workspace: Workspace
  readonly excludes: Uint8Array
}

/** The parts that a merge needs in addition to those of setup. */
export interface MergeParts {
  readonly merge: PreparedMerge | undefined
  readonly cloner: Pick<Cloner, 'fill' | 'bringModules'>
}

interface ApplyParts extends Pick<MergeParts, 'cloner'> {
  readonly access: RepositoryAccess
  readonly attempt: { readonly signal: AbortSignal }
  readonly journal: Pick<Journal, 'notice'>
}

/** Applies the merge, if the run merges, to a workspace that is clean at the base branch. */
export async function withMerge(
  { workspace, excludes }: Held,
  { merge, ...parts }: MergeParts & ApplyParts,
): Promise<Held> {
  return merge ? applyMerge({ workspace, excludes }, merge, parts) : { workspace, excludes }
}
