import { compareCommits } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { PullRequest } from '../../github/pull-requests.ts'
import type { RunRequest } from '../../runs/run.ts'
import { counted } from '../../text/amounts.ts'

/** How much of a repository's history a clone gets. The host decides it before anything is fetched. */
export interface HistoryWish {
  /** Generations of commits that are fetched with their files; undefined for all, with every tag; 0 for none. */
  readonly depth?: number | undefined
  /** True to fetch older commits without their files, and every tag. Default: only if the build reads tags. */
  readonly wantsGraph?: boolean | undefined
  /** More commits to fetch, with the references that they get: `refs/heads/main`. */
  readonly others?: readonly { readonly sha: string; readonly refs: readonly string[] }[] | undefined
}

/** Generations of commits that a clone gets by default. */
export const USUAL_DEPTH = 50
/** Generations for a request about the past, if the repository is too large to fetch all of them. */
const DEEP = 1000

/** Repositories up to this size, as GitHub states it, are fetched with all of their history. */
const SMALL_KB = 16 * 1024
/** The same limit for a request about the past. */
const MOST_KB = 256 * 1024

/** Words of a request that cannot be answered without history. */
const ABOUT_THE_PAST =
  /\b(?:blam(?:e|ed|ing)|bisect|regress(?:ed|ion|ions)|changelogs?|release notes|git (?:log|show|history)|histor(?:y|ical|ically)|revert(?:s|ed|ing)?|backport|cherry-?pick|since (?:v?\d|version|release|commit)|used to work|worked before|commit [0-9a-f]{7,40})\b/i

export async function wishHistory(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { request, pullRequest }: { readonly request: RunRequest; readonly pullRequest?: PullRequest | undefined },
): Promise<HistoryWish> {
  const { prompt, thread } = request
  const others = pullRequest && [otherSide(pullRequest)]
  const isDeep = ABOUT_THE_PAST.test(`${prompt}\n${thread?.title ?? ''}`.slice(0, 20_000))
  if (repository.sizeKb <= (isDeep ? MOST_KB : SMALL_KB)) return { others }
  const depth = isDeep ? DEEP : USUAL_DEPTH
  if (!pullRequest) return { depth, wantsGraph: isDeep }
  const { base, head } = pullRequest
  const compared = await compareCommits(octokit, { repository, base: base.sha, head: head.sha })
  if (compared === undefined) return { depth, wantsGraph: isDeep, others }
  const { ahead, behind, mergeBase } = compared
  const range = Math.max(ahead, behind) + 1
  // Both branches must reach the commit where they parted. If it is too far away, the commits up to it come without files.
  if (range <= DEEP) return { depth: Math.max(depth, range), wantsGraph: isDeep, others }
  return { depth, wantsGraph: true, others: [otherSide(pullRequest), { sha: mergeBase, refs: [] }] }
}

/** The base branch of a pull request, under the names that people use. */
function otherSide({ base }: PullRequest): { readonly sha: string; readonly refs: readonly string[] } {
  return { sha: base.sha, refs: [`refs/heads/${base.ref}`, `refs/remotes/origin/${base.ref}`] }
}

/** Parses the output of `HISTORY_FACTS`: commits, `whole` or `shallow`, tags, and the newest tag before the commit. */
const FACTS = /^(\d+) (whole|shallow) (\d+) ?(\S*)$/

/** More commits than this are not counted. */
const MOST_COUNTED = 100_000

/** Prints how much of the history of `$SHA` the git directory `$G` has. */
export const HISTORY_FACTS = `
tags=$(git --git-dir="$G" for-each-ref --format=x refs/tags | wc -l)
newest=
if [ "$tags" -gt 0 ]; then newest=$(git --git-dir="$G" describe --tags --abbrev=0 "$SHA" 2>/dev/null || true); fi
if [ -e "$G/shallow" ]; then whole=shallow; else whole=whole; fi
echo "$(git --git-dir="$G" rev-list --count --max-count=${MOST_COUNTED} "$SHA") $whole $((tags)) $newest"
`

/**
 * Describes to the agent how much history its clone has, as the end of a line.
 *
 * @param printed the output of `HISTORY_FACTS`.
 */
export function describeHistory(printed: string, { depth, others = [] }: HistoryWish): string {
  const [, number, whole, tagCount, newest = ''] = FACTS.exec(printed) ?? []
  if (number === undefined) return 'unknown; look with git log'
  const count = Number(number)
  const isWhole = whole === 'whole'
  const few = isWhole ? (count === MOST_COUNTED ? 'more than 100,000 commits' : counted(count, 'commit')) : ''
  const commits = !isWhole
    ? `the last ${counted(count, 'commit')}; older ones are not in this clone`
    : depth === undefined || count <= depth
      ? `complete, ${few}`
      : `${few}, but only about the last ${depth} with their files: git log works, and git blame, git log -p and git show fail for older ones`
  const named = /^[\w.+/@-]{1,80}$/.test(newest) ? `, the newest before this commit is ${newest}` : ''
  const tags = tagCount === '0' ? 'no tags are in this clone' : `${counted(Number(tagCount), 'tag')}${named}`
  const sides = others
    .flatMap(({ refs }) => refs.filter((ref) => ref.startsWith('refs/heads/')))
    .map((ref) => ref.replace('refs/heads/', ''))
  const more = sides.length === 0 ? '' : `; ${sides.join(', ')} is there as well`
  return `${commits}; ${tags}${more}; git cannot fetch more`
}
