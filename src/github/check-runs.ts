import type { SafeMarkdown } from '../text/markdown/safe-markdown.ts'
import { askGitHub, OPTIONAL_REQUEST } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** A check run that is complete when it is created, because it reports checks that ran elsewhere. */
export interface CompletedCheckRun {
  readonly name: string
  /** Backspace's own id, to find the check run again. */
  readonly externalId: string
  readonly detailsUrl: string | undefined
  readonly conclusion: 'success' | 'failure' | 'neutral'
  readonly title: string
  readonly summary: SafeMarkdown
  /** Details below the summary; omit it for none. */
  readonly text?: SafeMarkdown | undefined
}

interface CheckedCommit {
  readonly repository: RepoRef
  readonly sha: string
}

/** Most characters; GitHub refuses longer summaries. */
const MAX_SUMMARY = 65_000

/**
 * Creates a check run. Only an App with the permission `checks: write` may do so.
 *
 * @returns the id of the check run.
 */
export async function createCheckRun(
  octokit: GitHubClient,
  { repository, sha, checkRun }: CheckedCommit & { readonly checkRun: CompletedCheckRun },
): Promise<number> {
  const { name, externalId, detailsUrl, conclusion, title, summary, text } = checkRun
  const { data } = await askGitHub(
    `report checks on ${fullName(repository)}@${sha}`,
    octokit.rest.checks.create({
      ...inRepository(repository),
      ...OPTIONAL_REQUEST,
      name,
      head_sha: sha,
      external_id: externalId,
      ...(detailsUrl !== undefined && { details_url: detailsUrl }),
      status: 'completed',
      conclusion,
      output: { title, summary: summary.slice(0, MAX_SUMMARY), ...(text && { text }) },
    }),
  )
  return data.id
}

/** The id of the check run with this name and external id; undefined if there is none. */
export async function findCheckRun(
  octokit: GitHubClient,
  { repository, sha, name, externalId }: CheckedCommit & Pick<CompletedCheckRun, 'name' | 'externalId'>,
): Promise<number | undefined> {
  const { data } = await askGitHub(
    `read the checks of ${fullName(repository)}@${sha}`,
    octokit.rest.checks.listForRef({
      ...inRepository(repository),
      ...OPTIONAL_REQUEST,
      ref: sha,
      check_name: name,
      filter: 'all',
      per_page: 100,
    }),
  )
  return data.check_runs.find((run) => run.external_id === externalId)?.id
}
