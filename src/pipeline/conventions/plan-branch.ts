import type { BranchRule } from '../../github/branch-rules.ts'
import { isBranchName } from '../../github/branches.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import {
  CHECKED_FIRST,
  type CommitStyle,
  commitStyle,
  createRulesInForce,
  type PlannedCommit,
  refusedByRules,
  requirePushable,
} from './commit-rules.ts'
import { matchesPattern } from './matches-pattern.ts'

/** What the rules of a repository say about the branch and the commits of a run. */
export interface BranchPlan extends CommitStyle {
  /** In front of the name of a new branch; ends with `/`, `-` or a letter. */
  readonly prefix: string
}

interface PlanRequest {
  readonly wanted: string
  /** The rest of a name: `42-fix-login-1a2b3c4d`. */
  readonly name: string
  readonly commit: PlannedCommit
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
  { wanted, name, commit }: PlanRequest,
): Promise<BranchPlan> {
  const inForce = createRulesInForce(access)
  let first: readonly BranchRule[] | undefined
  let tries = 0
  const found = await tryPrefix(wanted)
  if (found) return found
  for (const prefix of [...prefixesIn(first ?? []), ...USUAL_PREFIXES]) {
    const other = await tryPrefix(prefix)
    if (other) return other
  }
  throw refusedByRules((first ?? []).filter((rule) => refusesBranch(rule, `${wanted}${name}`)))

  async function tryPrefix(prefix: string): Promise<BranchPlan | undefined> {
    const branch = `${prefix}${name}`
    if (!isBranchName(branch) || tries >= MOST_TRIES) return undefined
    tries += 1
    const rules = await inForce(branch)
    first ??= rules
    if (rules.some((rule) => refusesBranch(rule, branch))) return undefined
    return { prefix, ...commitStyle(rules, access, commit) }
  }
}

/**
 * The rules for commits on a branch that exists.
 *
 * @throws {BackspaceError} `branch_protected`
 */
export async function planCommits(
  access: RepositoryAccess,
  { branch, commit }: { readonly branch: string; readonly commit: PlannedCommit },
): Promise<CommitStyle> {
  return requirePushable(await createRulesInForce(access)(branch), access, commit)
}

function refusesBranch({ type, pattern, sparesNew }: BranchRule, branch: string): boolean {
  if (type === 'creation') return true
  // Nothing has run on a commit that is not there yet.
  if (CHECKED_FIRST.includes(type)) return sparesNew !== true
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
