import { knownError } from '../../errors.ts'
import type { Chore } from '../../runs/upkeep/chores.ts'
import { type LookDeps, lookAtPullRequest } from './look-at-pull-request.ts'

const EVERY_MS = 5 * 60_000
/** How many pull requests one round asks about, with two or three requests each. */
const MOST = 40
/** When to ask again after an error. */
const AFTER_ERROR_MS = 60 * 60_000

/**
 * Asks about pull requests whose webhooks may be missing, or about which GitHub was never asked: those of older runs,
 * those of a service without an App, and merged ones that may be reverted.
 */
export function followPullRequests(
  deps: LookDeps & { readonly onError: (error: unknown, facts: { readonly chore: string }) => void },
): Chore {
  const name = 'pull-request-outcomes'
  async function run(signal: AbortSignal): Promise<void> {
    for (const pull of await deps.outcomes.due(MOST)) {
      if (signal.aborted) return
      try {
        await lookAtPullRequest(pull, deps)
      } catch (error) {
        const code = knownError(error)?.code
        // The next round continues from here.
        if (code === 'github_rate_limited' || code === 'github_unavailable') return
        await deps.outcomes.postpone(pull, AFTER_ERROR_MS)
        if (code !== 'unauthorized') deps.onError(error, { chore: name })
      }
    }
  }
  return { name, everyMs: EVERY_MS, atStart: true, run }
}
