import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import { describeFailure } from './describe-failure.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { RunContext } from './run-context.ts'
import { unfinishedOutcome } from './unfinished-outcome.ts'
import type { AgentWork } from './work-with-agent.ts'

/**
 * What is left of the work of an agent that broke for a reason nobody foresaw: the files as they are, which have cost
 * somebody money.
 *
 * @throws `error` when it says how the run ends or where it goes on.
 */
export async function salvageWork(
  deps: ExecuteRunDeps,
  context: RunContext,
  error: unknown,
): Promise<AgentWork> {
  const { run, signal } = context
  const foreseen = describeFailure(error, run.id).code !== 'internal'
  if (signal.aborted || foreseen || goesOnElsewhere(error)) throw error
  deps.onError(error, { runId: run.id })
  const outcome = await unfinishedOutcome(deps, context, {
    summary: 'These are the files as they were when the work broke off. Nobody has looked at them since.',
    reason: `Something went wrong inside Backspace while the agent worked; the service's log has the details under run ${run.id}.`,
    code: 'internal',
  })
  const mayHaveChanged = run.request.options.plan !== true
  return { outcome, whyNoModel: [], mayHaveChanged, summary: 'The agent broke off' }
}
