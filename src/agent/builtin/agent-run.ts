import type { AgentContext, AgentTask } from '../agent.ts'
import { isChanged, readWorkspaceState } from '../look-around.ts'
import { type AgentUsage, createAgentUsage } from './agent-usage.ts'
import { openTranscript } from './open-transcript.ts'
import type { TranscriptWriter } from './transcript-writer.ts'

/** The state of one call of `work`, which the parts of the loop share. */
export interface AgentRun {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly writer: TranscriptWriter
  readonly usage: AgentUsage
  /** Aborted when the run's minutes are over. */
  readonly deadline: AbortSignal
  /** Whether the workspace differs from its state at the start of this run. */
  readonly hasChanged: () => Promise<boolean>
}

/**
 * Opens the transcript of a run: a new one, or the stored one that the run continues.
 *
 * @param nonce marks where quoted text of others begins and ends.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function openRun(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly now: () => number
  readonly nonce: string
  readonly deadline: AbortSignal
}): Promise<AgentRun> {
  const { task, context, now, nonce, deadline } = given
  const usage = createAgentUsage(now, task.spent)
  const startedAt = now()
  const { writer, found } = await openTranscript({ task, context, nonce, date: new Date(now()) })
  usage.addTools(now() - startedAt, 0)
  const differs = async () => isChanged(found, await readWorkspaceState(context.sandbox, task.workspace))
  const { hasChanged = differs } = context
  return { task, context, writer, usage, deadline, hasChanged }
}
