import { BackspaceError } from '../../errors.ts'
import { commitChanges, type FileToCommit, getCommit } from '../../github/commits.ts'
import type { Run } from '../../runs/run.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { DoOnce } from './do-once.ts'
import { commitEffect, type Publication, type PublishTarget } from './publish-plan.ts'

/**
 * The message of a run's commit: a title, who asked (GitHub shows them as co-author), and the run's id, which identifies
 * the commit later.
 *
 * @param title must be free of mentions, closing keywords, and words that switch checks off.
 * @param webUrl `https://github.com`; private e-mail addresses of GitHub end with its host.
 * @param noModel true when the dummy agent made the change, so that the history does not credit a model with it.
 */
export function commitMessage({
  run,
  title,
  webUrl,
  noModel = false,
  assistedBy,
}: {
  readonly run: Pick<Run, 'id' | 'request'>
  readonly title: string
  readonly webUrl: string
  readonly noModel?: boolean
  /** A whole trailer line. */
  readonly assistedBy?: string | undefined
}): string {
  const line = title.replace(/[\t\n\r]/g, ' ').trim() || 'Change by Backspace'
  const { login, id } = run.request.requester
  const trailers: string[] = []
  if (id !== undefined) {
    trailers.push(`Co-authored-by: ${login} <${id}+${login}@users.noreply.${new URL(webUrl).hostname}>`)
  }
  if (noModel) trailers.push('Generated-By: backspace-dummy (no AI)')
  if (assistedBy !== undefined) trailers.push(assistedBy)
  trailers.push(runTrailer(run.id))
  return `${line}\n\n${trailers.join('\n')}\n`
}

/** Whether a commit with this message belongs to this run. */
function isCommitOf(runId: string, message: string): boolean {
  return message.split('\n').includes(runTrailer(runId))
}

/** Whether a commit with this message was made by any run of Backspace. */
export function isRunCommit(message: string): boolean {
  return message.split('\n').some((line) => line.startsWith(runTrailer('')))
}

function runTrailer(runId: string): string {
  return `Backspace-Run: ${runId}`
}

/**
 * Commits the change on top of the base commit, or returns the commit that an earlier attempt made. No branch points at it
 * yet. Its id is stored, so that the next attempt needs neither the files nor a sandbox.
 *
 * @param attempt the number of this attempt.
 */
export async function commitOnBase(
  { octokit, repository }: PublishTarget,
  { base, change, plan }: Publication,
  { attempt, once }: { readonly attempt: number; readonly once: DoOnce },
): Promise<string> {
  if (change.kind === 'commit') return change.sha
  return once({
    name: commitEffect(attempt),
    // No look-up is needed: an unreferenced commit is invisible, so making it twice is harmless.
    lookUp: async () => undefined,
    act: () =>
      commitChanges(octokit, {
        repository,
        parents: base.merge ? [base.merge.headSha, base.sha] : [base.sha],
        baseTree: base.tree,
        files: filesToCommit(change.files, change.known),
        message: plan.message,
        tree: change.tree,
      }),
  })
}

/**
 * Turns files that passed the gate into entries of a commit. A rename becomes two entries.
 *
 * @param known for a merge: ids of blobs and submodules in one of the branches.
 */
export function filesToCommit(
  files: readonly ChangedFile[],
  known?: ReadonlySet<string> | undefined,
): FileToCommit[] {
  return files.flatMap(({ path, previousPath, mode, bytes, sha }): FileToCommit[] => {
    const removed: FileToCommit[] =
      previousPath === undefined ? [] : [{ path: previousPath, mode: '100644', content: null }]
    if (bytes === null || sha === null) return [...removed, { path, mode: '100644', content: null }]
    if (known?.has(sha) && isGitMode(mode)) return [...removed, { path, mode, content: { sha } }]
    if (mode !== '100644' && mode !== '100755' && mode !== '120000') {
      throw new BackspaceError('publish_blocked', `\`${path}\` is neither a file nor a link (mode ${mode}).`)
    }
    return [...removed, { path, mode, content: { bytes, sha } }]
  })
}

function isGitMode(mode: string): mode is FileToCommit['mode'] {
  return ['100644', '100755', '120000', '160000'].includes(mode)
}

/** How many commits are searched for the run's own one, below commits that others pushed on top of it. */
const MOST_COMMITS = 50

/** The commit of this run at the tip of a branch, or below newer commits of others; undefined without one. */
export async function findOwnCommit(
  { octokit, repository }: PublishTarget,
  {
    tip,
    runId,
    starts,
  }: { readonly tip: string; readonly runId: string; readonly starts: readonly string[] },
): Promise<string | undefined> {
  const waiting = [tip]
  const seen = new Set(starts)
  const most = seen.size + MOST_COMMITS
  for (let sha = waiting.shift(); sha !== undefined && seen.size < most; sha = waiting.shift()) {
    if (seen.has(sha)) continue
    seen.add(sha)
    const { message, parents } = await getCommit(octokit, { repository, sha })
    if (isCommitOf(runId, message)) return sha
    waiting.push(...parents)
  }
  return undefined
}
