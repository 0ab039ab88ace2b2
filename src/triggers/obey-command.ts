import { BackspaceError } from '../errors.ts'
import { listThreadComments } from '../github/comments.ts'
import { proofRequest } from '../runs/proof-request.ts'
import { isTerminal, type Run, type RunRequest } from '../runs/run.ts'
import { retryRequest } from '../runs/run-actions.ts'
import { settingsRequest } from '../runs/settings-request.ts'
import { outboundItem } from '../text/markdown/outbound-markdown.ts'
import { joinSafe, ownWords, type SafeMarkdown, safeMarkdown } from '../text/markdown/safe-markdown.ts'
import { visibleText } from '../text/markdown/visible-text.ts'
import { type ParsedCommand, parseCommands } from './parse-command.ts'
import { acknowledgeWith, runLink, submitOrSayWhy } from './reply.ts'
import { answer, approve, isOwn, runsHere, type ThreadCommand } from './thread-command.ts'
import type { CommentEvent } from './trigger-event.ts'

/** How far Backspace's clock and GitHub's may differ; GitHub's times are also in whole seconds. */
const CLOCKS_DIFFER_MS = 5_000
/** GitHub may deliver two comments in the wrong order, but delivers both within this time. */
const ORDER_WITHIN_MS = 60_000

export const HELP = safeMarkdown`**Backspace** works on this repository and opens a pull request.

| Comment | What happens |
|---|---|
| \`/backspace <what to do>\` | does it: on an issue in a new pull request, on a pull request as a commit to its branch |
| \`/backspace\` | does what this issue asks for |
| \`/backspace --plan <what to do>\` | makes a plan and changes nothing |
| \`/backspace approve\` | carries out the last plan; what you write after it is taken into account |
| \`/backspace prove\` | on a pull request: verifies it as it is, no matter who wrote it, and changes nothing |
| \`/backspace setup\` | tries out how this repository is installed and checked, and proposes it as \`.github/backspace.yml\`; costs nothing |
| \`/backspace stop\` | stops the runs in this thread |
| \`/backspace retry\` | repeats the last request |
| \`/backspace status\` | shows the runs in this thread |

While a run is under way, \`/backspace <text>\` is passed to the running agent. \`/backspace --new <what to do>\` starts a separate run.

\`/backspace --agent claude-code <what to do>\` lets Claude Code work on it in a separate run, if it is installed; \`--agent builtin\` is Backspace's own agent. \`retry\` and \`approve\` take it as well.

Only people with write access can start or stop a run.`

/** Carries out a reserved word, and replies in the thread. The caller has authorized the sender. */
export async function obeyCommand(obey: ThreadCommand): Promise<void> {
  switch (obey.command) {
    case 'stop':
      await stop(obey)
      break
    case 'retry':
      if ((await retry(obey)) === 'refused') return
      break
    case 'status':
      await answer(obey, await describeRuns(obey))
      break
    case 'help':
      await answer(obey, HELP)
      break
    case 'approve':
      if ((await approve(obey)) === 'refused') return
      break
    case 'prove':
      if ((await prove(obey)) === 'refused') return
      break
    case 'setup':
      if ((await proposeFile(obey)) === 'refused') return
      break
  }
  await swapEyes(obey)
}

/** Stops the runs that were asked for before the comment was written, however late or often its webhook arrives. */
async function stop(obey: ThreadCommand): Promise<void> {
  const { at, sender } = obey.event
  const runs = await runsHere(obey)
  const meant = runs.filter((run) => !isTerminal(run.status) && wasAskedBefore(run, obey.event))
  for (const { id } of meant) await obey.deps.cancel(id, `Stopped by @${sender.login}.`)
  const ended = runs.some(({ finishedAt }) => finishedAt !== null && finishedAt >= new Date(at))
  if (meant.length > 0) return
  if (await isStillToCome(obey, runs)) {
    throw new BackspaceError(
      'unavailable',
      'The run that `stop` refers to is not known yet; this webhook will be retried.',
    )
  }
  if (!ended) await answer(obey, safeMarkdown`Nothing is running here, so there is nothing to stop.`)
}

/**
 * Whether the webhook of an earlier request has yet to arrive, since GitHub may deliver two comments in either order.
 * If so, the handler throws, and the webhook is retried after pauses that grow.
 */
async function isStillToCome({ access, event }: ThreadCommand, runs: readonly Run[]): Promise<boolean> {
  const said = Date.parse(event.at)
  if (Date.now() - said > ORDER_WITHIN_MS) return false
  const thread = { repository: event.repository, number: event.thread.number }
  const { comments } = await listThreadComments(access.octokit, thread)
  return comments.some(
    ({ id, author, body, createdAt }) =>
      author === event.sender.login &&
      (event.comment.kind === 'issue_comment' ? id < event.comment.id : createdAt.getTime() <= said) &&
      said - createdAt.getTime() < ORDER_WITHIN_MS &&
      parseCommands(body).some(startsRun) &&
      !runs.some(({ request }) => request.comment?.id === id),
  )
}

const START: ReadonlySet<string> = new Set(['retry', 'approve', 'prove', 'setup'])

function startsRun(command: ParsedCommand): boolean {
  const { kind } = command
  if (kind === 'reserved') return START.has(command.command)
  return kind === 'prompt' || kind === 'bare'
}

/**
 * Whether a run was requested before a comment. GitHub numbers comments of one kind in order; other requests are
 * compared by time.
 */
function wasAskedBefore({ request, createdAt }: Run, { comment, at }: CommentEvent): boolean {
  if (request.comment?.kind === comment.kind) return request.comment.id < comment.id
  return createdAt.getTime() < Date.parse(at) + CLOCKS_DIFFER_MS
}

/** @returns `refused` if a limit is reached; the reply says so. */
async function retry(obey: ThreadCommand): Promise<'refused' | undefined> {
  const { deps, access, event, agent } = obey
  const runs = await runsHere(obey)
  const [last] = runs
  // After a repeated delivery, the run of this comment exists already.
  if (runs.some((run) => isOwn(run, event))) return undefined
  if (!last) {
    await answer(obey, safeMarkdown`Nothing has run here yet. Comment \`/backspace <what to do>\` to start.`)
  } else if (!isTerminal(last.status)) {
    const run = runLink(deps, last.id, safeMarkdown`The last run`)
    await answer(
      obey,
      safeMarkdown`${run} has not ended yet. To start over, comment \`/backspace stop\` first.`,
    )
  } else {
    const { kind, id, url } = event.comment
    const requester = { login: event.sender.login, id: event.sender.id }
    const { trigger } = last.request
    const submitted = await submitOrSayWhy(deps, {
      access,
      event,
      target: { kind, id },
      input: {
        key: `retry:${event.repository.id}:${kind}:${id}`,
        request: retryRequest(last, { trigger, comment: { kind, id, url }, requester, agent }),
      },
    })
    if (!submitted) return 'refused'
  }
  return undefined
}

/**
 * Starts a run that verifies the pull request as it is, even while another run works there.
 *
 * @returns `refused` if a limit is reached; the reply says so.
 */
async function prove(obey: ThreadCommand): Promise<'refused' | undefined> {
  if (obey.event.thread.kind === 'issue') {
    await answer(obey, safeMarkdown`\`prove\` verifies a pull request. Comment \`/backspace prove\` on one.`)
    return undefined
  }
  return startWithoutAgent(obey, {
    name: 'prove',
    request: ({ thread: pullRequest, ...asked }) => proofRequest({ ...asked, pullRequest }),
  })
}

/**
 * Starts a run that proposes the settings file, even while another run works here.
 *
 * @returns `refused` if a limit is reached; the reply says so.
 */
async function proposeFile(obey: ThreadCommand): Promise<'refused' | undefined> {
  return startWithoutAgent(obey, { name: 'setup', request: settingsRequest })
}

/** Starts a run without an agent. If the comment is delivered again, the run is found by the command's name. */
async function startWithoutAgent(
  { deps, access, event }: ThreadCommand,
  run: {
    readonly name: string
    readonly request: (asked: Parameters<typeof settingsRequest>[0]) => RunRequest
  },
): Promise<'refused' | undefined> {
  const { repository, sender, thread, installationId } = event
  const { kind, id, url } = event.comment
  const request = run.request({
    trigger: 'comment',
    repository,
    thread: { ...thread, title: visibleText(thread.title) },
    comment: { kind, id, url },
    requester: { login: sender.login, id: sender.id },
    installationId,
  })
  const input = { key: `${run.name}:${repository.id}:${kind}:${id}`, request }
  const submitted = await submitOrSayWhy(deps, { access, event, target: { kind, id }, input })
  return submitted ? undefined : 'refused'
}

async function describeRuns(obey: ThreadCommand): Promise<SafeMarkdown> {
  const [last, ...earlier] = await runsHere(obey)
  if (!last) return safeMarkdown`Nothing has run here yet. Comment \`/backspace <what to do>\` to start.`
  const live = [last, ...earlier].filter(({ status }) => !isTerminal(status))
  const shown = live.length > 0 ? live : [last]
  const { owner, name } = obey.event.repository
  const lines = shown.map(({ id, status, ending }) => {
    const run = safeMarkdown`- ${runLink(obey.deps, id, ownWords(`Run ${id.slice(0, 8)}`))}: ${ownWords(status)}`
    if (!ending) return run
    // The message of an answer is the whole answer, as a model wrote it.
    return safeMarkdown`${run}. ${outboundItem(ending.message, { repository: `${owner}/${name}`, maxChars: 300 })}`
  })
  return joinSafe(lines, '\n')
}

/** If the comment started a run, that run swaps its 👀 when it ends. */
async function swapEyes(obey: ThreadCommand): Promise<void> {
  const { access, event } = obey
  if ((await runsHere(obey)).some((run) => isOwn(run, event))) return
  const target = { kind: event.comment.kind, id: event.comment.id } as const
  await acknowledgeWith(access, { repository: event.repository, target, reaction: '+1' })
}
