import { parseRepoSettings } from '../../checks/repo-settings.ts'
import { compareCommits, getCommit } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { listOpenPullRequests, type PullRequest } from '../../github/pull-requests.ts'
import { getFile } from '../../github/repositories.ts'
import { joinSafe, NOTHING, ownWords, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'
import type { PullRequestTarget, StartingPoint } from '../find-start.ts'
import { isRunCommit } from '../publish/commit.ts'
import type { RunReport } from '../run-report.ts'
import type { OwnFile } from './own-file.ts'

/** A pull request of an earlier `/backspace setup` that is still open. */
export interface OpenProposal {
  readonly pullRequest: PullRequest
  /** Where a commit may go; undefined if it is in a fork. */
  readonly target: PullRequestTarget | undefined
  /** True if people changed its branch. */
  readonly isTheirs: boolean
  /** The commit whose commands it is about; undefined if that is not known. */
  readonly triedAt: string | undefined
}

/** As `branchName` makes it of the titles of proposals, whatever the style. */
const BRANCH = /-(?:say-how-backspace-installs-and|correct-what-does-not-work-in)-/
const CORRECTS = /-correct-what-does-not-work-in-/

/** The newest one on the default branch. */
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

/** Whether it is about the file that the base commit has: another one has been merged or pushed meanwhile. */
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

/** Why it stays as it is. */
type WhyLeft = 'same_commit' | 'same_commands' | 'changed_by_people'

/** Whether the open one says the same, or belongs to people by now. @returns undefined if it is to be brought up to date. */
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

/** The answer instead of a second pull request. */
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
