import type { AgentContext, AgentLimits, AgentTask } from '../../agent/agent.ts'
import { markText } from '../../audit/audit-entry.ts'
import { describeOthers } from '../../checks/plans/choose-baseline.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { hostsOf } from '../../sandbox/sandbox.ts'
import { addHidden, type HiddenText } from '../../text/markdown/visible-text.ts'
import type { Attempt } from '../attempt.ts'
import type { KeptConventions } from '../conventions/read-conventions.ts'
import type { Journal } from '../journal.ts'
import { mergeNote } from '../merge/merge-text.ts'
import type { ReadySandbox } from '../ready-sandbox.ts'
import { spentSoFar } from '../usage.ts'
import type { Base } from '../workspace/workspace.ts'
import { keptApart } from './kept-apart.ts'
import { readImages } from './read-images.ts'
import { createInstructionReader } from './read-instructions.ts'
import { readThread } from './read-thread.ts'
import { sayWhatWasHidden } from './say-hidden.ts'

/** The task of one run, and what the host reads on GitHub for its agent later. */
export interface ReadTask {
  readonly task: AgentTask
  readonly readInstructions: NonNullable<AgentContext['readInstructions']>
}

export type TaskReader = (access: RepositoryAccess, ready: ReadySandbox) => Promise<ReadTask>

interface TaskReaderParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'leftMs' | 'record'>
  readonly journal: Pick<Journal, 'notice' | 'events'>
  readonly webUrl: string
  /** The operator's limits for every agent. */
  readonly limits: AgentLimits
  /** How the repository wants changes to look. */
  readonly conventions: Pick<KeptConventions, 'known'>
  readonly texts: Pick<CommitTexts, 'read'>
  /** Called when a request to GitHub fails; the task then lacks the answer. */
  readonly onError: (error: unknown) => void
}

interface ReadThread {
  readonly thread?: AgentTask['thread']
  /** Text in the thread that readers cannot see. */
  readonly hidden?: HiddenText | undefined
}

/** The note for a request that asks for a merge and more, when there is nothing to merge. */
function sayUpToDate({ upToDate }: Base): AgentTask['merge'] {
  if (upToDate === undefined) return undefined
  return { note: `${upToDate} Nothing is to be merged; do the rest of the request.`, conflicts: '' }
}

/** Characters of the line that tells the agent how setup went. */
const MAX_SETUP = 3000

/** Reads the request, the repository's instructions, the thread and its images. */
export function createTaskReader({
  attempt,
  journal,
  webUrl,
  limits,
  conventions,
  texts,
  onError,
}: TaskReaderParts): TaskReader {
  const { run, signal } = attempt
  const { prompt, requester, options } = run.request

  /** Reads the thread. If that fails the run goes on, and a notice says that the comments are missing. */
  async function threadOf(access: RepositoryAccess, base: Base): Promise<ReadThread> {
    const { thread, tainted, hidden } = run.request
    if (!thread) return { hidden }
    const { kind, number, title, body, author } = thread
    const start = { kind, number, title, body, author, trusted: !tainted }
    try {
      const { hidden: inComments, ...said } = await readThread(access, { run, base })
      return { thread: { ...start, ...said }, hidden: addHidden(hidden, inComments) }
    } catch (error) {
      onError(error)
      journal.notice(
        'warning',
        'GitHub did not return the comments of the thread. The agent works without them.',
      )
      return { thread: start, hidden }
    }
  }

  return async (access, { workspace, project, repo, baseTree, merge, locks, installed }) => {
    const { base } = workspace
    const { owner, name } = access.repository
    const listing = base.trustedSha === base.sha ? baseTree : undefined
    const instructions = createInstructionReader(access, { texts, commit: base.trustedSha, listing })
    // Without the repository's instructions an agent would do the wrong thing, so a failure to read them ends the run.
    const [atRoot, { thread, hidden }] = await Promise.all([instructions.read('.'), threadOf(access, base)])
    if (hidden && run.attempt <= 1) await sayWhatWasHidden(hidden, journal, instructions)
    await attempt.record({
      kind: 'instructions.used',
      facts: {
        prompt: markText(prompt),
        files: atRoot.map(({ path, text }) => ({ path, sha256: markText(text).sha256 })),
        comments: thread?.comments?.length ?? 0,
      },
    })
    const spent = spentSoFar(await journal.events())
    // The agent of a late attempt is stopped early enough to publish its work.
    const leftMinutes = Math.max(0.1, Math.floor((spent.ms + attempt.leftMs()) / 6000) / 10)
    return {
      task: {
        runId: run.id,
        repository: `${owner}/${name}`,
        baseBranch: base.branch,
        baseSha: base.merge?.headSha ?? base.sha,
        history: workspace.history ?? run.progress.history,
        keptApart: await keptApart(access, {
          texts,
          baseTree,
          sha: base.sha,
          large: workspace.large ?? run.progress.large,
        }),
        workspace: workspace.path,
        prompt,
        thread,
        requester: requester.login,
        instructions: atRoot,
        conventions: conventions.known().hints,
        baseline: project.baseline,
        setup: [
          project.setup,
          ...repo.unmet,
          ...(project.repository ? describeOthers(project.repository) : []),
        ]
          .join('. ')
          .slice(0, MAX_SETUP),
        images: await readImages({ prompt, thread }, { access, webUrl, signal }),
        network: hostsOf(repo.egress),
        limits: {
          ...limits,
          minutes: Math.min(limits.minutes, leftMinutes),
          usd: Math.min(limits.usd, run.budgetUsd ?? limits.usd),
        },
        spent,
        plan: options.plan === true,
        merge: merge ? mergeNote(base, merge, { locks, installed }) : sayUpToDate(base),
      },
      async readInstructions(directory) {
        try {
          return await instructions.read(directory)
        } catch (error) {
          onError(error)
          return []
        }
      },
    }
  }
}
