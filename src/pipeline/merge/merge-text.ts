import type { AgentTask } from '../../agent/agent.ts'
import { counted } from '../../text/amounts.ts'
import type { Base } from '../workspace/workspace.ts'
import type { InstalledFor } from './install-merged.ts'
import type { MergeConflict, PreparedMerge } from './prepare-merge.ts'
import type { LockReport } from './regenerate-locks.ts'

/** `main at 1a2b3c4` */
function mergedName({ sha }: Pick<Base, 'sha'>, { wish }: Pick<PreparedMerge, 'wish'>): string {
  return `${wish.from} at ${sha.slice(0, 7)}`
}

/** One line for people after the merge was prepared. */
export function preparedText(base: Pick<Base, 'sha' | 'branch'>, prepared: PreparedMerge): string {
  const { conflicts } = prepared
  const what = `Merging ${mergedName(base, prepared)} into ${base.branch}`
  if (conflicts.length === 0) return `${what}: nothing is in conflict.${forwardedText(prepared)}`
  const shown = conflicts.slice(0, 10).map(({ path }) => `\`${path}\``)
  const more = conflicts.length > shown.length ? ` and ${conflicts.length - shown.length} more` : ''
  return `${what}: ${counted(conflicts.length, 'file')} in conflict: ${shown.join(', ')}${more}.${forwardedText(prepared)}`
}

function forwardedText({ forwarded }: Pick<PreparedMerge, 'forwarded'>): string {
  if (forwarded.length === 0) return ''
  const names = firstOf(forwarded.map((path) => nameOf({ path })))
  return ` Submodules that both sides had moved on are at the newer commit: ${names}.`
}

/** Tells the agent about the merge that it is to finish. */
export function mergeNote(
  base: Pick<Base, 'sha'>,
  prepared: PreparedMerge,
  { locks, installed }: { readonly locks: readonly LockReport[]; readonly installed: InstalledFor },
): NonNullable<AgentTask['merge']> {
  const { wish, conflicts } = prepared
  const open = conflicts.filter(({ path }) => !locks.some((lock) => lock.path === path && !lock.problem))
  const note = [
    `The host has begun to merge ${mergedName(base, prepared)} (ref base) into the pull request's branch at ${wish.headSha.slice(0, 7)} (ref head), and the workspace holds the result: git status, git show head:<path>, git show base:<path> and git log --merge -p -- <path> (the commits of both sides that touched a file in conflict) work. The host makes the merge commit with both parents when you are done. Do not run git merge, rebase, commit or add.`,
    open.length === 0
      ? 'Nothing is in conflict any more.'
      : `These are in conflict, with markers in the style zdiff3 (head, the common ancestor, base). Resolve each so that what both sides wanted is kept, and leave no marker: a merge with markers is not published. Where there are no markers (a deleted, renamed or binary file), decide which side is right and leave the file like that.`,
    'Change nothing that the conflicts and the request do not need: all other changes of both sides are in the workspace already and are right. The diff that you are shown later is the difference to this state.',
    ...(conflicts.some(({ relock }) => relock)
      ? [
          'Lock files are never merged by hand: they are those of base until their tool has written them again.',
        ]
      : []),
    installed === 'merge'
      ? 'What is installed is what the merged manifests ask for; what the checks said before is about base.'
      : 'What is installed is what base asks for, and what the checks said before is about base. If head changes the dependencies, install again before you run the checks.',
    ...(wish.isRebase
      ? ['The request says rebase. Backspace merges instead and never force-pushes; say so in the summary.']
      : []),
  ].join('\n')
  return { note, conflicts: open.map((conflict) => lineOf(conflict, locks)).join('\n') }
}

const MOST_SAID = 300

function lineOf({ path, relock, hasMarkers, says }: MergeConflict, locks: readonly LockReport[]): string {
  if (relock) {
    const problem = locks.find((report) => report.path === path)?.problem
    const why = problem === undefined ? '' : ` (not done: ${problem})`
    return `${path}: lock file; write it again with: ${relock}${why}`
  }
  return `${path}: ${hasMarkers ? 'markers' : `no markers. ${says.join(' ').slice(0, MOST_SAID)}`}`
}

/** How git left a file in conflict that has no markers. */
export function stateOf({ ours, theirs, relock }: Pick<MergeConflict, 'ours' | 'theirs' | 'relock'>): string {
  if (relock) return 'still that of base, since nothing has written it again'
  if (ours && theirs) return 'with the content of head, and not that of base'
  if (ours) return 'kept with what head did, though base deleted or moved it'
  return theirs ? 'kept with what base did, though head deleted or moved it' : 'deleted by both sides'
}

/**
 * Title of the merge commit: `Merge main at 1a2b3c4, resolving 3 files`.
 *
 * @param left how many files in conflict are as git left them.
 */
export function mergeTitle(base: Pick<Base, 'sha'>, prepared: PreparedMerge, left = 0): string {
  const length = prepared.conflicts.length - left
  return `Merge ${mergedName(base, prepared)}${length === 0 ? '' : `, resolving ${counted(length, 'file')}`}`
}

/**
 * The first sentence of the report: `Merged main at 1a2b3c4; resolved 3 files: a.ts, b.ts.`
 *
 * @param left files in conflict that are as git left them.
 */
export function mergeSummary(
  base: Pick<Base, 'sha'>,
  prepared: PreparedMerge,
  left: readonly MergeConflict[],
): string {
  const { conflicts, wish } = prepared
  const done = conflicts.filter((conflict) => !left.includes(conflict))
  const lists = [
    ...(done.length === 0 ? [] : [`resolved ${counted(done.length, 'file')}: ${firstOf(done.map(nameOf))}`]),
    ...[...Map.groupBy(left, stateOf)].map(
      ([state, files]) =>
        `${counted(files.length, 'file')} in conflict left as git left ${files.length === 1 ? 'it' : 'them'}, ${state}: ${firstOf(files.map(nameOf))}`,
    ),
  ]
  const resolved = lists.length === 0 ? 'nothing was in conflict' : lists.join('; ')
  const rebase = wish.isRebase ? ' Backspace merges instead of rebasing, and never force-pushes.' : ''
  return `Merged ${mergedName(base, prepared)}; ${resolved}.${forwardedText(prepared)}${rebase}`
}

function nameOf({ path }: Pick<MergeConflict, 'path'>): string {
  return `\`${path}\``
}

function firstOf(names: readonly string[]): string {
  return `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ' …' : ''}`
}

const MOST_NAMES = 20
