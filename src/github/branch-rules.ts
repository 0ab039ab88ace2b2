import { isRecord } from '../text/is-record.ts'
import { findOnGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** A rule of a ruleset that applies to a branch with a given name. The branch need not exist. */
export interface BranchRule {
  /** `creation`, `branch_name_pattern`, `commit_message_pattern` … */
  readonly type: string
  readonly rulesetId: number | undefined
  /** For rules about names or messages; undefined for other rules. */
  readonly pattern?: NamePattern | undefined
  /** True for checks that new branches need not have passed. */
  readonly sparesNew?: boolean | undefined
}

export interface NamePattern {
  readonly operator: string
  readonly pattern: string
  /** True if the pattern must not match. */
  readonly negate: boolean
}

/**
 * The active rules for a branch with this name, from rulesets of the repository and of its owner. Needs `metadata:
 * read`. Empty on servers without rulesets, and where GitHub does not show them.
 * https://docs.github.com/rest/repos/rules#get-rules-for-a-branch
 */
export async function branchRules(
  octokit: GitHubClient,
  { repository, branch }: { readonly repository: RepoRef; readonly branch: string },
): Promise<readonly BranchRule[]> {
  const found = await findOnGitHub(
    `read the rules for branch ${branch} of ${fullName(repository)}`,
    octokit.rest.repos.getBranchRules({ ...inRepository(repository), branch, per_page: 100 }),
  )
  return (found?.data ?? []).map((rule) => ({
    type: rule.type,
    rulesetId: rule.ruleset_id,
    pattern: 'parameters' in rule ? patternOf(rule.parameters) : undefined,
    sparesNew: 'parameters' in rule ? sparesNew(rule.parameters) : undefined,
  }))
}

/** Whether this credential may do what a ruleset forbids. False if GitHub does not say. */
export async function mayBypass(
  octokit: GitHubClient,
  { repository, rulesetId }: { readonly repository: RepoRef; readonly rulesetId: number },
): Promise<boolean> {
  const found = await findOnGitHub(
    `read ruleset ${rulesetId} of ${fullName(repository)}`,
    octokit.rest.repos.getRepoRuleset({ ...inRepository(repository), ruleset_id: rulesetId }),
  )
  const may: string | undefined = found?.data.current_user_can_bypass
  return may === 'always' || may === 'exempt'
}

function sparesNew(parameters: unknown): boolean {
  return isRecord(parameters) && parameters.do_not_enforce_on_create === true
}

function patternOf(parameters: unknown): NamePattern | undefined {
  if (!isRecord(parameters)) return undefined
  const { operator, pattern, negate } = parameters
  if (typeof operator !== 'string' || typeof pattern !== 'string') return undefined
  return { operator, pattern, negate: negate === true }
}
