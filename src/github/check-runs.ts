import { type GitHubClient, OPTIONAL_REQUEST } from './github-client.ts'
import { askGitHub } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/** A check run that is over when it is made: it tells of checks that ran elsewhere. */
export interface CompletedCheckRun {
  readonly name: string
  /** Ours, to find it again. */
  readonly externalId: string
  readonly detailsUrl: string
  readonly conclusion: 'success' | 'failure' | 'neutral'
  readonly title: string
  /** Markdown. */
  readonly summary: string
}

interface OfCommit {
  readonly repository: RepoRef
  readonly sha: string
}

/** GitHub refuses longer ones. */
const MAX_SUMMARY = 65_000

/** @returns its id. Apps only, with the permission `checks: write`. */
export async function createCheckRun(
  octokit: GitHubClient,
  { repository: { owner, name: repo }, sha, checkRun }: OfCommit & { readonly checkRun: CompletedCheckRun },
): Promise<number> {
  const { name, externalId, detailsUrl, conclusion, title, summary } = checkRun
  const { data } = await askGitHub(
    `report checks on ${owner}/${repo}@${sha}`,
    octokit.rest.checks.create({
      ...{ owner, repo, name, head_sha: sha, external_id: externalId, details_url: detailsUrl },
      ...{ status: 'completed', conclusion, output: { title, summary: summary.slice(0, MAX_SUMMARY) } },
      ...OPTIONAL_REQUEST,
    }),
  )
  return data.id
}

/** The id of the check run that was made with this name and external id; undefined when there is none. */
export async function findCheckRun(
  octokit: GitHubClient,
  {
    repository: { owner, name: repo },
    sha,
    name,
    externalId,
  }: OfCommit & Pick<CompletedCheckRun, 'name' | 'externalId'>,
): Promise<number | undefined> {
  const { data } = await askGitHub(
    `read the checks of ${owner}/${repo}@${sha}`,
    octokit.rest.checks.listForRef({
      ...{ owner, repo, ref: sha, check_name: name, filter: 'all', per_page: 100 },
      ...OPTIONAL_REQUEST,
    }),
  )
  return data.check_runs.find((run) => run.external_id === externalId)?.id
}
