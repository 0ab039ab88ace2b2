import { parseRepoSettings } from '../../checks/repo-settings.ts'
import { compareCommits, getCommit } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { listOpenPullRequests, type PullRequest } from '../../github/pull-requests.ts'
import { getFile } from '../../github/repositories.ts'
import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import type { PullRequestTarget, StartingPoint } from '../find-start.ts'
import { isRunCommit } from '../publish/commit.ts'
import type { RunReport } from '../run-report.ts'
import type { OwnFile } from './own-file.ts'

/** The open pull request of an earlier `/backspace setup`. */
export interface OpenProposal {
  readonly pullRequest: PullRequest
  /** Where Backspace may push a commit; undefined if the branch is in a fork. */
  readonly target: PullRequestTarget | undefined
  /** True if people have pushed to its branch. */
  readonly isTheirs: boolean
  /** The commit at which its commands were tried; undefined if that is not known. */
  readonly triedAt: string | undefined
}

/** Branch names that `branchName` makes from the titles of proposals, in any title style. */
const BRANCH = /-(?:say-how-backspace-installs-and|correct-what-does-not-work-in)-/
const CORRECTS = /-correct-what-does-not-work-in-/

/** Finds the newest open proposal for the default branch. */
export async function findOpenProposal({
  octokit,
  repository,
  botLogin,
}: RepositoryAccess): Promise<OpenProposal | undefined> {
  const open = await listOpenPullRequests(octokit, { repository, base: repository.defaultBranch })
  const pullRequest = open.find(({ author, head }) => author === botLogin && BRANCH.test(head.ref))
  if (!pullRequest) return undefined
  const { head } = pullRequest
  if (head.repositoryId !== repository.id)
    return { pullRequest, target: undefined, isTheirs: true, triedAt: undefined }
  const { message, parents, tree } = await getCommit(octokit, { repository, sha: head.sha })
  const isTheirs = !isRunCommit(message)
  const triedAt = isTheirs || parents.length !== 1 ? undefined : parents[0]
  return { pullRequest, target: { pullRequest, tree }, isTheirs, triedAt }
}

/** Whether a proposal still starts from the settings file of the base commit, which may have changed since. */
export async function isStillAbout(
  { pullRequest: { head } }: OpenProposal,
  own: OwnFile | undefined,
  { access: { octokit, repository }, base }: Pick<StartingPoint, 'access' | 'base'>,
): Promise<boolean> {
  if (CORRECTS.test(head.ref) !== (own !== undefined)) return false
  if (own === undefined) return true
  const parted = await compareCommits(octokit, { repository, base: base.sha, head: head.sha })
  if (parted === undefined) return false
  return (await getFile(octokit, { repository, path: own.path, ref: parted.mergeBase })) === own.text
}

/** Why an open proposal is left unchanged. */
type WhyLeft = 'same_commit' | 'same_commands' | 'changed_by_people'

/** Why an open proposal is to be left unchanged; undefined if it must be updated. */
export async function judgeOpenProposal(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  open: OpenProposal | undefined,
  { path, text }: { readonly path: string; readonly text: string },
): Promise<WhyLeft | undefined> {
  if (!open) return undefined
  const there = await getFile(octokit, { repository, path, ref: open.pullRequest.head.sha })
  const commandsIn = (file: string) => {
    const { setup, checks } = parseRepoSettings(file, path)
    return JSON.stringify([setup, checks])
  }
  if (there !== undefined && commandsIn(there) === commandsIn(text)) return 'same_commands'
  return open.isTheirs ? 'changed_by_people' : undefined
}

const WHY = {
  same_commit: 'It was tried at the commit that the default branch still has, so nothing was tried again.',
  same_commands: 'Everything was tried again, and the commands that work are the same.',
  changed_by_people:
    'Its branch has commits of people, so Backspace leaves it as it is. This is what works now:',
} as const

/** The answer when an open proposal is left unchanged and no second pull request is opened. */
export function reportOpenProposal(
  { pullRequest: { number, url } }: OpenProposal,
  why: WhyLeft,
  tried: SafeMarkdown = NOTHING,
): RunReport {
  const cure = safeMarkdown`Merge it, change it there, or close it and comment \`/backspace setup\` to get a new one.`
  const first = safeMarkdown`Pull request #${number} proposes the settings already. ${ownWords(WHY[why])}`
  return {
    status: 'succeeded',
    outcome: 'answer',
    models: [],
    pullRequestUrl: url,
    message: `Pull request #${number} proposes the settings already.`,
    report: joinSafe([first, tried, cure], '\n\n'),
  }
}
