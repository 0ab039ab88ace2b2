import type { Run, RunOptions, RunRequest } from './run.ts'

/**
 * A request that goes on from an ended or running run, with what that run was asked for wherever the request itself says
 * nothing. What an outsider wrote is in the transcript that it goes on from, so tainted stays tainted.
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

/** The options of an earlier request, but for those that are given now. */
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
