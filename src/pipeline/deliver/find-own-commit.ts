import { getCommit } from '../../github/get-commit.ts'
import { isCommitOf } from './commit-message.ts'
import type { Place } from './publish-request.ts'

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
