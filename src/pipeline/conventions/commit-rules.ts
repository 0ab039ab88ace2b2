import { BackspaceError } from '../../errors.ts'
import { type BranchRule, branchRules, mayBypass } from '../../github/branch-rules.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import { matchesPattern } from './matches-pattern.ts'

/** The properties of a commit, not made yet, that rulesets may judge. */
export interface PlannedCommit {
  /** The whole commit message with this first line. */
  readonly messageOf: (title: string) => string
  /** True if the commit has two parents. */
  readonly isMerge: boolean
}

/** Returns the rules for a branch that could refuse a push and that the credential may not bypass. */
export type RulesInForce = (branch: string) => Promise<readonly BranchRule[]>

const ABOUT_COMMITS = [
  'commit_message_pattern',
  'commit_author_email_pattern',
  'committer_email_pattern',
  'required_signatures',
  'required_linear_history',
]
/** Types of rules that a commit must pass before a branch may point at it. */
export const CHECKED_FIRST = ['required_status_checks', 'workflows']
/** Types of rules that keep everyone from pushing to an existing branch. */
const CLOSES = ['update', 'pull_request', 'merge_queue', 'required_deployments', ...CHECKED_FIRST]
const CONCERN = new Set(['creation', 'branch_name_pattern', ...ABOUT_COMMITS, ...CLOSES])

/** Asks GitHub once per ruleset whether the credential may bypass it. */
export function createRulesInForce({ octokit, repository }: RepositoryAccess): RulesInForce {
  const bypassed = new Map<number, Promise<boolean>>()
  const isBypassed = (rulesetId: number) => {
    const known = bypassed.get(rulesetId) ?? mayBypass(octokit, { repository, rulesetId })
    bypassed.set(rulesetId, known)
    return known
  }
  return async (branch) => {
    const rules = (await branchRules(octokit, { repository, branch })).filter(({ type }) => CONCERN.has(type))
    const holds = await Promise.all(
      rules.map(async ({ rulesetId }) => rulesetId === undefined || !(await isBypassed(rulesetId))),
    )
    return rules.filter((_, index) => holds[index])
  }
}

/**
 * Makes sure that rules let the commit onto an existing branch.
 *
 * @throws {BackspaceError} `branch_protected` when a rule would refuse it.
 */
export function requirePushable(
  rules: readonly BranchRule[],
  access: RepositoryAccess,
  commit: PlannedCommit,
): CommitStyle {
  const closed = rules.find(({ type }) => CLOSES.includes(type))
  if (closed) throw refusedByRules([closed])
  return commitStyle(rules, access, commit)
}

/** How the first line of commit messages must look. */
export interface CommitStyle {
  /** True if it must follow Conventional Commits. */
  readonly needsConventional: boolean
}

// Sample titles of the two styles, which are tried against the rules.
const PLAIN_TITLE = 'Change the greeting'
const CONVENTIONAL_TITLE = 'fix: change the greeting'

/** @throws {BackspaceError} `branch_protected` if no commit of Backspace would be accepted. */
export function commitStyle(
  rules: readonly BranchRule[],
  { credential, botLogin }: Pick<RepositoryAccess, 'credential' | 'botLogin'>,
  { messageOf, isMerge }: PlannedCommit,
): CommitStyle {
  let needsConventional = false
  // The form of the address that GitHub gives to commits of Apps.
  const email = `12345+${botLogin}@users.noreply.github.com`
  for (const rule of rules) {
    const { type, pattern } = rule
    if (type === 'required_signatures' && credential === 'pat') throw refusedByRules([rule])
    if (type === 'required_linear_history' && isMerge) throw refusedByRules([rule])
    if (pattern === undefined) continue
    const fits = (title: string) => matchesPattern(pattern, messageOf(title)) !== false
    if (type === 'commit_message_pattern' && !fits(PLAIN_TITLE)) {
      if (!fits(CONVENTIONAL_TITLE)) throw refusedByRules([rule])
      needsConventional = true
    }
    const isEmail = type === 'commit_author_email_pattern' || type === 'committer_email_pattern'
    if (isEmail && credential === 'app' && matchesPattern(pattern, email) === false)
      throw refusedByRules([rule])
  }
  return { needsConventional }
}

/** The error that names the first rule. */
export function refusedByRules(rules: readonly BranchRule[]): BackspaceError {
  const [rule] = rules
  const isClosed = CLOSES.includes(rule?.type ?? '')
  const cure = isClosed
    ? 'or ask on an issue, so that Backspace opens a pull request of its own'
    : rule?.type === 'required_linear_history'
      ? 'or rebase the branch by hand'
      : 'or set `branch-prefix` in `.github/backspace.yml` to a prefix that the rules allow'
  return new BackspaceError(
    'branch_protected',
    `A ruleset of this repository refuses what Backspace would push: ${ruleText(rule)}. Nothing was done and nothing was spent. Add the App to the ruleset's bypass list, ${cure}.`,
    { facts: { rule: rule?.type, ruleset: rule?.rulesetId } },
  )
}

function ruleText(rule: BranchRule | undefined): string {
  const shown =
    rule?.pattern &&
    `${rule.pattern.negate ? 'not ' : ''}${rule.pattern.operator.replaceAll('_', ' ')} ${inlineCode(rule.pattern.pattern, 120)}`
  switch (rule?.type) {
    case 'branch_name_pattern':
      return `names of branches must match: ${shown}`
    case 'commit_message_pattern':
      return `messages of commits must match: ${shown}`
    case 'commit_author_email_pattern':
    case 'committer_email_pattern':
      return `e-mail addresses of commits must match: ${shown}`
    case 'required_signatures':
      return 'commits must be signed, and those of a personal access token are not'
    case 'required_linear_history':
      return 'history must be linear, and a merge commit is not'
    case 'update':
      return 'it restricts who pushes to this branch'
    case 'pull_request':
    case 'merge_queue':
      return 'this branch accepts changes only through pull requests'
    case 'required_status_checks':
    case 'workflows':
    case 'required_deployments':
      return 'this branch accepts only commits that have passed checks on another branch'
    default:
      return 'it restricts who creates branches'
  }
}
