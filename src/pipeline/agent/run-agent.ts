import type { AgentOutcome, VerifyReport } from '../../agent/agent.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { INTERNAL_FAILURE } from '../../runs/ending.ts'
import { goesOnElsewhere } from '../../runs/queue/run-released.ts'
import type { RunTotals } from '../../runs/run-event.ts'
import { type Redact, redactInTurns } from '../../secrets/redact.ts'
import { counted } from '../../text/amounts.ts'
import type { Attempt } from '../attempt.ts'
import type { Cloner } from '../clone/clone-repository.ts'
import type { Journal } from '../journal.ts'
import { mergeTitle } from '../merge/merge-text.ts'
import type { ReadySandbox } from '../ready-sandbox.ts'
import { describeFailure } from '../run-report.ts'
import { partialOutcome } from '../usage.ts'
import type { ChosenAgent } from './choose-agent.ts'
import type { FollowUps } from './follow-ups.ts'
import { createHistoryFetcher } from './history-fetcher.ts'
import type { TaskReader } from './read-task.ts'
import type { Transcripts } from './transcripts.ts'

/** What the agent says about its work, which the host has not examined yet. */
export interface AgentWork {
  readonly outcome: AgentOutcome
  readonly whyNoModel: readonly string[]
  /** False when the agent says that the workspace needs no change. */
  readonly mayHaveChanged: boolean
  /** One line for people. */
  readonly summary: string
}

/** Lets the agent work until it is done. It has no way to push, comment or open a pull request. */
export type RunAgent = (place: AgentPlace) => Promise<AgentWork>

interface AgentPlace {
  readonly chosen: Pick<ChosenAgent, 'agent' | 'whyNoModel'>
  readonly access: RepositoryAccess
  readonly ready: ReadySandbox
  readonly verify: () => Promise<VerifyReport>
  readonly hasChanged: () => Promise<boolean>
  /** What people add to the run while it works. */
  readonly followUps: FollowUps
}

interface RunAgentParts {
  readonly attempt: Pick<Attempt, 'signal'>
  readonly emit: Journal['emit']
  /** Masks a secret from now on. */
  readonly hide: (secret: string) => void
  readonly readTask: TaskReader
  readonly cloner: Pick<Cloner, 'deepen'>
  readonly transcripts: Transcripts
  readonly redact: Redact
}

export function createRunAgent(parts: RunAgentParts): RunAgent {
  const { attempt, emit, readTask, transcripts, redact } = parts
  const { signal } = attempt

  return async ({ chosen, access, ready, verify, hasChanged, followUps }) => {
    const { keeper, state } = ready
    const { agent, whyNoModel } = chosen
    const merged = state ? undefined : mergedByHost(ready)
    if (merged) {
      await keeper.keepWork(merged)
      return merged
    }
    const parent = await transcripts.parent()
    const { task, readInstructions } = await readTask(access, ready)
    const own = state && (await transcripts.own())
    const said = await agent.work(
      { ...task, earlier: parent?.ending, whyNoModel },
      {
        sandbox: keeper.sandbox,
        signal,
        emit,
        hide: parts.hide,
        async checkpoint(transcript, { mayHaveChanged, taken = [] }) {
          // Files first, since a stored transcript must never describe files that are not stored.
          if (mayHaveChanged) await keeper.keepFiles()
          await transcripts.save(transcript, taken)
          followUps.acknowledge(taken)
        },
        resume: own ?? parent?.transcript,
        workspaceState: state,
        takeFollowUps: followUps.take,
        readInstructions,
        verify,
        hasChanged,
        fetchHistory: createHistoryFetcher(ready.workspace, { access, cloner: parts.cloner }),
      },
    )
    // Masked before any text is cut, stored or shown.
    const outcome = await redactInTurns(said, redact)
    // The files of a run that only plans are thrown away with the sandbox.
    const mayHaveChanged = !task.plan && (outcome.kind === 'done' || outcome.kind === 'partial')
    const work = { outcome, whyNoModel, mayHaveChanged, summary: summarize(outcome) }
    await keeper.keepWork(work)
    return work
  }
}

/** The work when a request asks for nothing but a merge and the merge leaves nothing to decide; otherwise undefined. */
function mergedByHost({ merge, locks, workspace }: ReadySandbox): AgentWork | undefined {
  if (!merge?.wish.isAll) return undefined
  const isDone = merge.conflicts.every(({ path }) =>
    locks.some((lock) => lock.path === path && lock.problem === undefined),
  )
  if (!isDone) return undefined
  const totals = { turns: 0, toolCalls: 0, models: [] }
  const outcome = { kind: 'done', title: mergeTitle(workspace.base, merge), summary: '', totals } as const
  const summary = 'Nothing was left to decide, so no model was asked'
  return { outcome, whyNoModel: [], mayHaveChanged: true, summary }
}

/** The work of an earlier attempt's agent, as `keepWork` stored it; undefined when that agent had not ended. */
export function finishedWork(kept: unknown): AgentWork | undefined {
  // `createRunAgent` is the only writer.
  return kept === null || kept === undefined ? undefined : (kept as AgentWork)
}

function summarize({ kind, reason, totals: { turns, toolCalls } }: AgentOutcome): string {
  const effort = `${counted(turns, 'turn')}, ${counted(toolCalls, 'tool call')}`
  switch (kind) {
    case 'done':
      return `The change is made (${effort})`
    case 'partial':
      return `Stopped early: ${reason ?? 'not everything is done'} (${effort})`
    case 'no_change':
      return `No change was needed (${effort})`
    case 'blocked':
      return `The agent asks a question (${effort})`
    case 'plan':
      return `The plan is made (${effort})`
    case 'triage':
      return 'The triage is written'
  }
}

/**
 * Keeps the files as they are after an unexpected failure, since they have cost money.
 *
 * @throws `error` itself if it is a known failure, or if the run goes on elsewhere.
 */
export async function keepPartialWork(
  error: unknown,
  {
    attempt: { run, signal },
    totals,
    onError,
  }: {
    readonly attempt: Pick<Attempt, 'run' | 'signal'>
    readonly totals: () => Promise<RunTotals>
    readonly onError: (error: unknown) => void
  },
): Promise<AgentWork> {
  const foreseen = describeFailure(error, run.id).code !== 'internal'
  if (signal.aborted || foreseen || goesOnElsewhere(error)) throw error
  onError(error)
  const outcome = partialOutcome(await totals(), {
    summary: 'These are the files as they were when the work broke off. They have not been reviewed since.',
    reason: `${INTERNAL_FAILURE} while the agent worked; the service's log has the details under run ${run.id}.`,
    code: 'internal',
  })
  const mayHaveChanged = run.request.options.plan !== true
  return { outcome, whyNoModel: [], mayHaveChanged, summary: 'The agent broke off' }
}
