import type { Run } from '../../runs/run.ts'

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
export function isCommitOf(runId: string, message: string): boolean {
  return message.split('\n').includes(runTrailer(runId))
}

function runTrailer(runId: string): string {
  return `Backspace-Run: ${runId}`
}
