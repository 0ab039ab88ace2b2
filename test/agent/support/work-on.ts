import type {
  Agent,
  AgentContext,
  AgentOutcome,
  AgentTask,
  FollowUp,
  VerifyReport,
} from '../../../src/agent/agent.ts'
import type { AgentEvent } from '../../../src/agent/agent-event.ts'
import type { Transcript } from '../../../src/models/transcript.ts'
import type { OpenedWorkspace } from './open-workspace.ts'

export interface WorkOptions {
  readonly task?: Partial<AgentTask>
  readonly context?: Partial<AgentContext>
  /** One report per call of verify; the last repeats. */
  readonly reports?: readonly VerifyReport[]
  /** Notes of people, one list per turn. */
  readonly notes?: readonly (readonly FollowUp[])[]
}

export interface WorkDone {
  readonly outcome: AgentOutcome
  readonly events: readonly AgentEvent[]
  readonly checkpoints: readonly Transcript[]
  readonly verified: number
}

const PASSED: VerifyReport = { ok: true, report: 'npm test: exit 0' }

/** Lets an agent work in a workspace and keeps all that it says. */
export async function workOn(
  place: OpenedWorkspace,
  agent: Agent,
  options: WorkOptions = {},
): Promise<WorkDone> {
  const started = startWork(place, agent, options)
  const outcome = await started.outcome
  return { outcome, events: started.events, checkpoints: started.checkpoints, verified: started.verified() }
}

/** The same while it goes on. */
export function startWork(place: OpenedWorkspace, agent: Agent, options: WorkOptions = {}) {
  const events: AgentEvent[] = []
  const checkpoints: Transcript[] = []
  const controller = new AbortController()
  const notes = [...(options.notes ?? [])]
  let verified = 0
  const outcome = agent.work(
    { ...taskIn(place), ...options.task },
    {
      sandbox: place.sandbox,
      signal: controller.signal,
      emit: (event) => events.push(event),
      checkpoint: async (transcript) => void checkpoints.push(transcript),
      takeFollowUps: async () => notes.shift() ?? [],
      verify: async () => {
        const { reports = [PASSED] } = options
        return reports[Math.min(verified++, reports.length - 1)] ?? PASSED
      },
      ...options.context,
    },
  )
  return { outcome, events, checkpoints, controller, verified: () => verified }
}

export function taskIn({ workspace, baseSha }: Pick<OpenedWorkspace, 'workspace' | 'baseSha'>): AgentTask {
  return {
    runId: 'run-1',
    repository: 'acme/api',
    baseBranch: 'main',
    baseSha,
    workspace,
    prompt: 'Make the greeting polite',
    requester: 'alice',
    instructions: [],
    baseline: [],
    setup: 'no dependencies',
    images: [],
    network: [],
    limits: { steps: 50, minutes: 10, usd: 5, tokens: 1_000_000 },
  }
}
