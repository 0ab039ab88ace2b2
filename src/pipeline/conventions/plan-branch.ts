import { BackspaceError } from '../../errors.ts'
import { type BranchRule, branchRules, mayBypass } from '../../github/branch-rules.ts'
import { isBranchName } from '../../github/branches.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { inlineCode } from '../../text/fenced.ts'
import { matchesPattern } from './matches-pattern.ts'

/** What the rules of a repository say about the branch and the commits of a run. */
export interface BranchPlan {
  /** In front of the name of a new branch; ends with `/`, `-` or a letter. */
  readonly prefix: string
  /** The first line of commits must look like one of Conventional Commits. */
  readonly needsConventional: boolean
}

interface PlanRequest {
  /** Wanted prefixes, the first one first. */
  readonly wanted: readonly string[]
  /** The rest of a name: `42-fix-login-1a2b3c4d`. */
  readonly name: string
}

/** What teams call branches; tried when a rule refuses the wanted prefix. */
const USUAL_PREFIXES = [
  'feature/',
  'fix/',
  'feat/',
  'bugfix/',
  'chore/',
  'dev/',
  'bot/',
  'ai/',
  'users/backspace/',
]
/** Names of branches that rules are asked for. */
const MOST_TRIES = 12

/**
 * Finds a prefix for a branch that the rulesets of a repository allow, before anything is spent.
 *
 * @throws {BackspaceError} `branch_protected` if no branch or no commit of Backspace would be accepted.
 */
export async function planBranch(
  access: RepositoryAccess,
  { wanted, name }: PlanRequest,
): Promise<BranchPlan> {
  const bypassed = new Map<number, boolean>()
  let first: readonly BranchRule[] | undefined
  let tries = 0
  for (const prefix of wanted) {
    const found = await tryPrefix(prefix)
    if (found) return found
  }
  for (const prefix of [...prefixesIn(first ?? []), ...USUAL_PREFIXES]) {
    const found = await tryPrefix(prefix)
    if (found) return found
  }
  throw refusal(first ?? [])

  async function tryPrefix(prefix: string): Promise<BranchPlan | undefined> {
    const branch = `${prefix}${name}`
    if (!isBranchName(branch) || tries >= MOST_TRIES) return undefined
    tries += 1
    const rules = await inForce(access, { branch, bypassed })
    first ??= rules
    if (rules.some((rule) => refusesBranch(rule, branch))) return undefined
    return { prefix, needsConventional: needsConventional(rules, access.credential) }
  }
}

/**
 * The rules for commits on a branch that exists.
 *
 * @throws {BackspaceError} `branch_protected`
 */
export async function planCommits(
  access: RepositoryAccess,
  branch: string,
): Promise<Pick<BranchPlan, 'needsConventional'>> {
  const rules = await inForce(access, { branch, bypassed: new Map() })
  return { needsConventional: needsConventional(rules, access.credential) }
}

async function inForce(
  { octokit, repository }: RepositoryAccess,
  { branch, bypassed }: { readonly branch: string; readonly bypassed: Map<number, boolean> },
): Promise<readonly BranchRule[]> {
  const rules = await branchRules(octokit, { repository, branch })
  const kept: BranchRule[] = []
  for (const rule of rules.filter(({ type }) => CONCERN.has(type))) {
    const { rulesetId } = rule
    const isBypassed =
      rulesetId !== undefined &&
      (bypassed.get(rulesetId) ?? (await mayBypass(octokit, { repository, rulesetId })))
    if (rulesetId !== undefined) bypassed.set(rulesetId, isBypassed)
    if (!isBypassed) kept.push(rule)
  }
  return kept
}

const CONCERN = new Set([
  'creation',
  'branch_name_pattern',
  'commit_message_pattern',
  'commit_author_email_pattern',
  'committer_email_pattern',
  'required_signatures',
])

function refusesBranch({ type, pattern }: BranchRule, branch: string): boolean {
  if (type === 'creation') return true
  return type === 'branch_name_pattern' && pattern !== undefined && matchesPattern(pattern, branch) === false
}

/** The literal start of a pattern. */
function prefixesIn(rules: readonly BranchRule[]): readonly string[] {
  return rules.flatMap(({ type, pattern }) => {
    if (type !== 'branch_name_pattern' || pattern === undefined || pattern.negate) return []
    if (pattern.operator === 'starts_with') return [pattern.pattern]
    if (pattern.operator !== 'regex') return []
    const alternatives = /^\^?(?:refs\/heads\/)?\(?(?:\?:)?([\w|/-]{2,200})\)?(\/|\\\/)?/.exec(
      pattern.pattern,
    )
    const end = alternatives?.[2] === undefined ? '' : '/'
    return (alternatives?.[1] ?? '')
      .split('|')
      .filter((word) => word !== '')
      .slice(0, 5)
      .map((word) => `${word}${end}`)
  })
}

/** Titles that stand for those of two styles. */
const PLAIN_TITLE = 'Change the greeting'
const CONVENTIONAL_TITLE = 'fix: change the greeting'
/** As GitHub writes it for commits of Apps. */
const APP_EMAIL = '12345+backspace[bot]@users.noreply.github.com'

function needsConventional(
  rules: readonly BranchRule[],
  credential: RepositoryAccess['credential'],
): boolean {
  let needs = false
  for (const rule of rules) {
    const { type, pattern } = rule
    if (type === 'required_signatures' && credential === 'pat') throw refusal([rule])
    if (pattern === undefined) continue
    if (type === 'commit_message_pattern' && matchesPattern(pattern, PLAIN_TITLE) === false) {
      if (matchesPattern(pattern, CONVENTIONAL_TITLE) === false) throw refusal([rule])
      needs = true
    }
    const isEmail = type === 'commit_author_email_pattern' || type === 'committer_email_pattern'
    if (isEmail && credential === 'app' && matchesPattern(pattern, APP_EMAIL) === false) throw refusal([rule])
  }
  return needs
}

function refusal(rules: readonly BranchRule[]): BackspaceError {
  const [rule] = rules.filter(({ type }) => CONCERN.has(type))
  const what = ruleText(rule)
  return new BackspaceError(
    'branch_protected',
    `A ruleset of this repository refuses what Backspace would push: ${what}. Nothing was done and nothing was spent. Add the App to the ruleset's bypass list, or set \`branch-prefix\` in \`.github/backspace.yml\` to a prefix that the rules allow.`,
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
    default:
      return 'it restricts who creates branches'
  }
}
