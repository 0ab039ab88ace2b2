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

/** How the branch and the commits of a run must look to pass the repository's rules. */
export interface BranchPlan extends CommitStyle {
  /** Prefix for the name of a new branch; ends with `/`, `-` or a letter. */
  readonly prefix: string
}

interface PlanRequest {
  readonly wanted: string
  /** The name after the prefix: `42-fix-login-1a2b3c4d`. */
  readonly name: string
  readonly commit: PlannedCommit
}

/** Common prefixes of branches, which are tried when a rule refuses the wanted one. */
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
/** For how many branch names GitHub is asked about rules. */
const MOST_TRIES = 12

/**
 * Finds a branch prefix that the repository's rulesets allow, before the run costs anything.
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
 * Finds how commits on an existing branch must look.
 *
 * @throws {BackspaceError} `branch_protected` if the rules accept no commit of Backspace.
 */
export async function planCommits(
  access: RepositoryAccess,
  { branch, commit }: { readonly branch: string; readonly commit: PlannedCommit },
): Promise<CommitStyle> {
  return requirePushable(await createRulesInForce(access)(branch), access, commit)
}

function refusesBranch({ type, pattern, sparesNew }: BranchRule, branch: string): boolean {
  if (type === 'creation') return true
  // No check can have run on a commit that does not exist yet.
  if (CHECKED_FIRST.includes(type)) return sparesNew !== true
  return type === 'branch_name_pattern' && pattern !== undefined && matchesPattern(pattern, branch) === false
}

/** Prefixes that branch name patterns ask for: the literal start of each pattern. */
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
