/**
 * A fetch for LangSmith's client that never fails. Left alone, that client retries for over a minute, prints a line
 * per lost batch and holds the process open. Here a request gets two short tries; then the batch is dropped, and
 * the operator is told at most once a minute.
 */
export function createTraceFetch(options: {
  readonly onProblem: (problem: string) => void
  readonly timeoutMs?: number
  readonly now?: () => number
}): typeof fetch {
  const { onProblem, timeoutMs = 5_000, now = Date.now } = options
  let lastReport = Number.NEGATIVE_INFINITY

  const report = (problem: string) => {
    if (now() - lastReport < 60_000) return
    lastReport = now()
    onProblem(`LangSmith ${problem}; traces are dropped until it answers, runs are not affected.`)
  }

  return async (input, init) => {
    for (const lastTry of [false, true]) {
      const answer = await attempt(input, init, timeoutMs)
      if (typeof answer !== 'string' && (answer.ok || answer.status === 404)) return answer
      const problem = typeof answer === 'string' ? answer : `answers ${answer.status}`
      const worthRetrying = typeof answer === 'string' || answer.status >= 500
      if (typeof answer !== 'string') await answer.body?.cancel()
      if (lastTry || !worthRetrying) {
        report(problem)
        break
      }
    }
    return Response.json({}, { status: 202 })
  }
}

async function attempt(
  input: Parameters<typeof fetch>[0],
  init: Parameters<typeof fetch>[1],
  timeoutMs: number,
): Promise<Response | string> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout
  try {
    return await fetch(input, { ...init, signal })
  } catch {
    return timeout.aborted ? 'does not answer' : 'cannot be reached'
  }
}
