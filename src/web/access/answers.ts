import { BoundedMap } from '../../memory/bounded-map.ts'

/** Caches answers of another service by question. A question that is being asked is not asked a second time. */
export interface Answers<T> {
  /** @throws what `ask` throws, when the last good answer is too old. */
  find(key: string, ask: () => Promise<T>): Promise<T>
}

const KEEP_MS = 5 * 60_000
/** Above this number of answers, each is kept for the longer time, so that together they do not use up a rate limit. */
const MANY = 100
/** While the service does not answer, its last answer counts for this long, and the service is asked again every `RETRY_MS`. */
const KEEP_AT_MOST_MS = 15 * 60_000
const RETRY_MS = 20_000
/** Most answers in memory; the oldest is forgotten first. */
const ANSWERS = 10_000

interface Answer<T> {
  /** When the question was asked, in milliseconds. */
  readonly at: number
  readonly value: Promise<T>
}

/** @param now the clock, in milliseconds. */
export function createAnswers<T>(now: () => number): Answers<T> {
  const answers = new BoundedMap<string, Answer<T> & { readonly askAgainAt: number }>(ANSWERS)

  function keep(key: string, answer: Answer<T>, keepMs: number): Promise<T> {
    answers.set(key, { ...answer, askAgainAt: now() + keepMs })
    return answer.value
  }

  async function askOrKeep(key: string, ask: () => Promise<T>, known: Answer<T> | undefined): Promise<T> {
    const at = now()
    try {
      return await ask()
    } catch (error) {
      if (known && at - known.at < KEEP_AT_MOST_MS) return await keep(key, known, RETRY_MS)
      answers.delete(key)
      throw error
    }
  }

  return {
    find(key, ask) {
      const known = answers.get(key)
      if (known && now() < known.askAgainAt) return known.value
      return keep(
        key,
        { at: now(), value: askOrKeep(key, ask, known) },
        answers.size > MANY ? KEEP_AT_MOST_MS : KEEP_MS,
      )
    },
  }
}
