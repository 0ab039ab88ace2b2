import { githubError, githubStatus } from './github-error.ts'

/**
 * Waits for a request to GitHub.
 *
 * @param what finishes the sentence "Backspace could not …": `comment on acme/api#7`.
 * @throws {BackspaceError} that says what failed and what to do next.
 */
export async function askGitHub<T>(what: string, request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw githubError(error, what)
  }
}

/** The same for something that may not exist: undefined where GitHub answers 404. */
export async function findOnGitHub<T>(what: string, request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (githubStatus(error) === 404) return undefined
    throw githubError(error, what)
  }
}

/**
 * The time on GitHub's clock when it answered. Compare times that GitHub gives with this one: if our own clock is
 * wrong, we would miss comments or take old ones for new.
 */
export function githubTime(
  { headers }: { readonly headers: { readonly date?: string | undefined } },
  now: () => Date = () => new Date(),
): Date {
  const date = new Date(headers.date ?? '')
  return Number.isNaN(date.getTime()) ? now() : date
}

/** Marks a request that can be skipped: it never waits for a rate limit, but fails at once. */
export const OPTIONAL_REQUEST = { request: { optional: true } } as const
