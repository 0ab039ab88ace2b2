import { BackspaceError } from '../../errors.ts'
import { commitChanges, type FileToCommit, getCommit } from '../../github/commits.ts'
import type { Run } from '../../runs/run.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { commitEffect, type Place, type PublishRequest } from './publish-plan.ts'

/** Words that switch a repository's checks off; nobody but a person gets to use them. */
const SKIP_CHECKS =
  /\[\s*(?:skip[ -]ci|ci[ -]skip|no[ -]ci|skip[ -]actions|actions[ -]skip)\s*\]|skip-checks\s*:\s*\w+/gi

/**
 * The message of a run's commit: one line that says what changes, who asked (GitHub shows them as co-author), and
 * the run, by which the commit is recognised later.
 *
 * @param title already free of mentions and closing keywords.
 * @param webUrl `https://github.com`: private addresses of GitHub end with its host.
 * @param noModel true when the dummy agent made the change: the history must not pass it for a model's.
 */
export function commitMessage({
  run,
  title,
  webUrl,
  noModel = false,
}: {
  readonly run: Pick<Run, 'id' | 'request'>
  readonly title: string
  readonly webUrl: string
  readonly noModel?: boolean
}): string {
  const line = title.replace(SKIP_CHECKS, '').replace(/\s+/g, ' ').trim() || 'Change by Backspace'
  const { login, id } = run.request.requester
  const trailers = [
    ...(id === undefined
      ? []
      : [`Co-authored-by: ${login} <${id}+${login}@users.noreply.${new URL(webUrl).hostname}>`]),
    ...(noModel ? ['Generated-By: backspace-dummy (no AI)'] : []),
    runTrailer(run.id),
  ]
  return `${line}\n\n${trailers.join('\n')}\n`
}

/** Does this commit belong to this run? */
function isCommitOf(runId: string, message: string): boolean {
  return message.split('\n').includes(runTrailer(runId))
}

function runTrailer(runId: string): string {
  return `Backspace-Run: ${runId}`
}

/**
 * The commit of this attempt on the base commit, or the one that an earlier attempt made. No branch points at it
 * yet and nobody sees it; it is kept, so that whoever goes on needs neither the files nor a sandbox.
 */
export async function commitOnBase(
  { octokit, repository }: Place,
  { attempt, base, change, plan, once }: PublishRequest,
): Promise<string> {
  if (change.kind === 'commit') return change.sha
  return once({
    name: commitEffect(attempt),
    // One that nobody knows of is one that nobody sees.
    lookUp: async () => undefined,
    act: () =>
      commitChanges(octokit, {
        repository,
        parent: base.sha,
        baseTree: base.tree,
        files: filesToCommit(change.files),
        message: plan.message,
      }),
  })
}

/** What the gate passed, as entries of a commit; a rename is two. */
export function filesToCommit(files: readonly ChangedFile[]): FileToCommit[] {
  return files.flatMap(({ path, previousPath, mode, bytes, sha }): FileToCommit[] => {
    const removed: FileToCommit[] =
      previousPath === undefined ? [] : [{ path: previousPath, mode: '100644', content: null }]
    if (bytes === null || sha === null) return [...removed, { path, mode: '100644', content: null }]
    if (mode !== '100644' && mode !== '100755') {
      throw new BackspaceError('publish_blocked', `\`${path}\` is not a plain file (mode ${mode}).`)
    }
    return [...removed, { path, mode, content: { bytes, sha } }]
  })
}

/** How far back the run's own commit is looked for under what others pushed on top of it. */
const MOST_COMMITS = 50

/** The commit of this run at the tip of a branch, or below what people and bots pushed since; undefined without. */
export async function findOwnCommit(
  { octokit, repository }: Place,
  { tip, runId, baseSha }: { readonly tip: string; readonly runId: string; readonly baseSha: string },
): Promise<string | undefined> {
  const waiting = [tip]
  const seen = new Set([baseSha])
  for (let sha = waiting.shift(); sha !== undefined && seen.size < MOST_COMMITS; sha = waiting.shift()) {
    if (seen.has(sha)) continue
    seen.add(sha)
    const { message, parents } = await getCommit(octokit, { repository, sha })
    if (isCommitOf(runId, message)) return sha
    waiting.push(...parents)
  }
  return undefined
}
