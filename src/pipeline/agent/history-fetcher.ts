import type { FetchHistory, HistoryAnswer, HistoryAsk } from '../../agent/agent.ts'
import { knownError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Cloner } from '../clone/clone-repository.ts'
import { type HistoryWish, USUAL_DEPTH } from '../workspace/history.ts'
import type { Workspace } from '../workspace/workspace.ts'

const MOST_CALLS = 5

/**
 * Fetches more history when the agent asks for it, one call at a time and at most five times in a run.
 */
export function createHistoryFetcher(
  workspace: Workspace,
  { access, cloner }: { readonly access: RepositoryAccess; readonly cloner: Pick<Cloner, 'deepen'> },
): FetchHistory {
  let has: HistoryWish = workspace.base.history ?? { depth: USUAL_DEPTH }
  let calls = 0
  let turn: Promise<unknown> = Promise.resolve()

  async function fetchOnce(ask: HistoryAsk, signal: AbortSignal): Promise<HistoryAnswer> {
    const there = alreadyThere(has, ask)
    if (there !== undefined) return { isThere: true, text: there }
    if (calls >= MOST_CALLS) {
      return {
        isThere: false,
        text: `History was fetched ${MOST_CALLS} times in this run, which is the limit. Go on with what is there.`,
      }
    }
    calls += 1
    const { commits } = ask
    try {
      const history = await cloner.deepen(workspace, { has, commits }, { access, signal })
      has = commits === undefined ? { ...has, wantsGraph: true } : { ...has, depth: commits }
      return { isThere: true, text: `The clone now has: ${history}.` }
    } catch (error) {
      const known = knownError(error)
      if (!known || signal.aborted) throw error
      return {
        isThere: false,
        text: `${known.userMessage} What was there is still there; say what you could not look at.`,
      }
    }
  }

  return (ask, signal) => {
    const answer = turn.then(() => fetchOnce(ask, signal))
    turn = answer.catch(() => {})
    return answer
  }
}

function alreadyThere({ depth, wantsGraph }: HistoryWish, { commits }: HistoryAsk): string | undefined {
  if (depth === undefined) return 'All commits and tags are in the clone already.'
  if (commits === undefined)
    return wantsGraph === true
      ? 'All commits and tags are in the clone already, the older ones without files.'
      : undefined
  return commits <= depth ? `The last ${depth} generations of commits are in the clone already.` : undefined
}
