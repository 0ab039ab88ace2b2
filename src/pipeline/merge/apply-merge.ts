import { BackspaceError } from '../../errors.ts'
import { CHANGE_REF, changeStream } from '../../verify/change-stream.ts'
import { cleanWorkspace } from '../workspace/clean-workspace.ts'
import { INDEX_FACTS, indexFacts } from '../workspace/look-script.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'
import type { PreparedMerge } from './prepare-merge.ts'

/**
 * Brings the merged files into a workspace that holds the base branch, without a trace of anything else, and lets the agent's
 * own git say that a merge is under way: its branch is the pull request's, and files in conflict have their stages.
 */
const APPLY = `set -eu
cd "$W"
git --git-dir="$G" fast-import --quiet --date-format=now >/dev/null
MERGED=$(git --git-dir="$G" rev-parse "${CHANGE_REF}^{tree}")
git --git-dir="$G" update-ref -d ${CHANGE_REF}
if [ "$MERGED" != "$TREE" ]; then echo "$MERGED"; exit 0; fi
GIT_INDEX_FILE="$G/index" git --git-dir="$G" --work-tree="$W" read-tree --reset -u "$TREE"
echo "$MERGED"
${indexFacts('$G/index')}
rm -rf .git/objects
cp -al "$G/objects" .git/objects 2>/dev/null || { rm -rf .git/objects; cp -a "$G/objects" .git/objects; }
rm -f .git/index
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

/**
 * Call it when the workspace is clean at the base branch: after setup, before the agent.
 *
 * @returns the workspace, whose base tree is now that of the merge with its conflicts.
 * @throws {BackspaceError} `tree_mismatch`, `clone_failed`
 */
async function applyMerge(
  workspace: Workspace,
  prepared: PreparedMerge,
  { signal, excludes }: { readonly signal: AbortSignal; readonly excludes: Uint8Array },
): Promise<{ readonly workspace: Workspace; readonly excludes: Uint8Array }> {
  const { sandbox, base, path, gitDir } = workspace
  const stages = `${gitDir}/stages`
  await sandbox.writeFile(stages, stagesOf(prepared), { signal })
  const printed = await runInSandbox(sandbox, APPLY, {
    signal,
    stdin: changeStream(base.sha, prepared.files),
    timeoutMs: 300_000,
    env: {
      ...gitEnvironment(),
      W: path,
      G: gitDir,
      TREE: prepared.tree,
      BASE: base.sha,
      HEAD: prepared.wish.headSha,
      FROM: prepared.wish.from,
      BRANCH: base.branch,
      STAGES: stages,
    },
    code: 'clone_failed',
    failure: 'The merge could not be put into the sandbox. Try again.',
  })
  const [tree = '', index = ''] = printed.trim().split('\n')
  if (tree !== prepared.tree || !INDEX_FACTS.test(index)) {
    throw new BackspaceError(
      'tree_mismatch',
      'The merged files in the sandbox are not those that git merged on the host, so nothing was done. Try again.',
      { facts: { expected: prepared.tree, found: printed.trim().slice(0, 100) } },
    )
  }
  return cleanWorkspace({ ...workspace, base: mergedBase(base, prepared), index }, { signal, excludes })
}

/** What a merged workspace is compared with. */
export function mergedBase(base: Workspace['base'], { tree }: PreparedMerge): Workspace['base'] {
  return { ...base, tree }
}

/** As \`git update-index --index-info\` reads them: first the merged entry goes away, then come those of both sides. */
function stagesOf({ conflicts }: PreparedMerge): Uint8Array {
  const none = '0'.repeat(40)
  const lines = conflicts
    .filter(({ lock }) => lock === undefined)
    .flatMap(({ path, ancestor, ours, theirs }) => [
      `0 ${none}\t${path}`,
      ...[ancestor, ours, theirs].flatMap((stage, index) =>
        stage ? [`${stage.mode} ${stage.sha} ${index + 1}\t${path}`] : [],
      ),
    ])
  return Buffer.from(lines.map((line) => `${line}\0`).join(''))
}

/** Brings a merge, if there is one, into a workspace that is clean at the base branch. */
export async function withMerge(
  { workspace, excludes }: { readonly workspace: Workspace; readonly excludes: Uint8Array },
  {
    merge,
    attempt: { signal },
  }: { readonly merge: PreparedMerge | undefined; readonly attempt: { readonly signal: AbortSignal } },
): Promise<{ readonly workspace: Workspace; readonly excludes: Uint8Array }> {
  return merge ? applyMerge(workspace, merge, { signal, excludes }) : { workspace, excludes }
}
