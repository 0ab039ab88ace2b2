import type { Run, RunOptions, RunRequest } from './run.ts'

/**
 * A request that continues a run, whether that run has ended or not. Options that the request leaves open come from
 * that run. The new run starts from the old transcript, which still holds what an outsider wrote, so a tainted run
 * stays tainted.
 */
export function continueRun(
  { id, request: earlier }: Pick<Run, 'id' | 'request'>,
  request: RunRequest,
): RunRequest {
  return {
    ...request,
    options: continueOptions(earlier.options, request.options),
    tainted: earlier.tainted || request.tainted,
    parentRunId: id,
  }
}

/** The options of both requests; where both say something, `now` wins. */
export function continueOptions(earlier: RunOptions, now: RunOptions): RunOptions {
  return {
    base: now.base ?? earlier.base,
    draft: now.draft ?? earlier.draft,
    model: now.model ?? earlier.model,
    agent: now.agent ?? earlier.agent,
    budgetUsd: now.budgetUsd ?? earlier.budgetUsd,
    plan: now.plan ?? earlier.plan,
    prove: now.prove ?? earlier.prove,
    setup: now.setup ?? earlier.setup,
  }
}
