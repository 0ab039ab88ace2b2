import { readEvents } from '../../runs/log/read-events.ts'
import type { Checkpoint } from '../../runs/store/checkpoint-rows.ts'
import type { ExecuteRunDeps } from '../execute-run-deps.ts'
import { type PreparedProject, recallProject } from '../prepare-project.ts'
import type { RunContext } from '../run-context.ts'

/** How far a run has come in a sandbox that may be gone. */
export interface Past {
  readonly project: PreparedProject
  readonly checkpoint: Checkpoint
  /** True when there is work of an agent to go on from; only then do changed files mean anything. */
  readonly begun: boolean
}

/** @returns undefined when no sandbox was ready for the agent yet, or it held another commit. */
export async function recallPast(
  { log, store }: Pick<ExecuteRunDeps, 'log' | 'store'>,
  { run, flush }: Pick<RunContext, 'run' | 'flush'>,
  baseSha: string,
): Promise<Past | undefined> {
  await flush()
  const project = recallProject(await readEvents(log, run.id))
  const checkpoint = await store.loadCheckpoint(run.id)
  if (!project || checkpoint?.baseSha !== baseSha) return undefined
  const transcript = await store.loadTranscript(run.id)
  const begun = checkpoint.work !== null || (transcript?.entries.some(isAnswer) ?? false)
  return { project, checkpoint, begun }
}

/** An agent that has no model, or whose model has not answered yet, starts from the beginning. */
function isAnswer(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'role' in entry && entry.role === 'assistant'
}
