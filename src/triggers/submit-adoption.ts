import { knownError } from '../errors.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import { getPullRequest, type PullRequest } from '../github/pull-requests.ts'
import type { Run } from '../runs/run.ts'
import { ownWords, type SafeMarkdown, safeMarkdown } from '../text/markdown/safe-markdown.ts'
import { acknowledgeWith, replyOnce, runLink, type Submission, submitOrSayWhy } from './reply.ts'
import type { TriggerDeps } from './trigger-deps.ts'

/**
 * Submits a run that does what its thread asks for, unless another run is doing that or its pull request is still open:
 * a label and a bare `/backspace` ask for the same thing. This is decided in the transaction that would store the run,
 * so that simultaneous requests start only one.
 */
export async function submitAdoption(deps: TriggerDeps, submission: Submission): Promise<void> {
  const { access, event, input } = submission
  const unlessAdoptedSince = new Date()
  const earlier = await deps.runsOnThread({ repository: event.repository, number: event.thread.number })
  const done = event.thread.kind === 'issue' ? await openPullRequest(access, earlier) : undefined
  if (done !== undefined) return await sayWhich(submission, { run: done.run, body: isDone(done.pull) })

  const submitted = await submitOrSayWhy(deps, { ...submission, input: { ...input, unlessAdoptedSince } })
  if (submitted?.adopted !== true) return
  const run = runLink(deps, submitted.run.id, safeMarkdown`A run`)
  await sayWhich(submission, { run: submitted.run, body: isUnderWay(run, event.thread.kind) })
}

function isUnderWay(run: SafeMarkdown, kind: 'issue' | 'pull_request'): SafeMarkdown {
  const what = kind === 'issue' ? safeMarkdown`issue` : safeMarkdown`pull request`
  return safeMarkdown`${run} is already working on this ${what}, so no other was started. Comment \`/backspace <text>\` to add something to it, or \`/backspace --new <what to do>\` for a separate run.`
}

function isDone({ number, url }: PullRequest): SafeMarkdown {
  return safeMarkdown`${ownWords(`[#${number}](${url})`)} already does this issue and is still open, so no run was started. Comment on it to change it. For another try comment \`/backspace retry\` here, or \`/backspace --new <what to do>\` for something else.`
}

/** The pull request of the last run that did what the thread asks for; undefined if it is not open. */
async function openPullRequest(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  runs: readonly Run[],
): Promise<{ readonly run: Run; readonly pull: PullRequest } | undefined> {
  const run = runs.find(({ request, ending }) => request.adopts === true && ending?.pullRequestUrl)
  const number = run?.progress.pullRequestNumber
  if (run === undefined || number === undefined) return undefined
  try {
    const pull = await getPullRequest(octokit, { repository, number })
    return pull.state === 'open' ? { run, pull } : undefined
  } catch (error) {
    if (knownError(error)?.code === 'not_found') return undefined
    throw error
  }
}

/**
 * Says once per run that this run already does what was asked, and answers 👀 with 👍 unless the run itself still needs
 * 👀.
 */
async function sayWhich(
  { access, event, target }: Submission,
  { run, body }: { readonly run: Run; readonly body: SafeMarkdown },
): Promise<void> {
  const { repository, thread } = event
  const key = `same:${run.id}`
  await replyOnce(access.octokit, { repository, number: thread.number, botLogin: access.botLogin, key, body })
  const keepEyes = target.kind === 'issue' && run.request.trigger === 'label' && run.ending === null
  await acknowledgeWith(access, { repository, target, reaction: '+1', keepEyes })
}
