import { knownError } from '../errors.ts'
import { withTimeout } from '../time/within.ts'
import type { CheckedPart, Finding, Said } from './finding.ts'

/**
 * Looks at one part. It never fails: a look that fails or takes too long results in a finding as well.
 *
 * @param redact is applied to every text.
 */
export async function examine(part: CheckedPart, redact: (text: string) => string): Promise<Finding> {
  const { id, name, group, needed, limitMs } = part
  const late = new AbortController()
  const said = await withTimeout<Said, Said>(part.look(late.signal).catch(notTried), {
    ms: limitMs,
    onTimeout: () => {
      late.abort(new Error('The look took too long'))
      return {
        state: 'broken',
        fact: `no answer within ${Math.round(limitMs / 1000)} seconds`,
        next: 'Try again; if that does not help, look for a firewall or a proxy that swallows the connection.',
      }
    },
  })
  const masked = (text: string | undefined) => (text === undefined ? undefined : redact(text))
  return {
    id,
    name,
    group,
    needed,
    state: said.state,
    fact: redact(said.fact),
    path: said.path,
    attempt: said.attempt,
    costs: masked(said.costs),
    next: masked(said.next),
    link: said.link,
  }
}

function notTried(error: unknown): Said {
  const known = knownError(error)
  return {
    state: 'broken',
    fact: 'could not be tried',
    next: known?.userMessage ?? (error instanceof Error ? error.message.split('\n', 1)[0] : undefined),
  }
}
