import { githubError, githubStatus } from './github-error.ts'

/**
 * Waits for a request to GitHub.
 *
 * @param what the end of the sentence "Backspace could not …": `comment on acme/api#7`.
 * @throws {BackspaceError} that says what failed and what to do next.
 */
export async function askGitHub<T>(what: string, request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw githubError(error, what)
  }
}

/** Like `askGitHub`, for something that may not exist: undefined where GitHub answers 404. */
export async function findOnGitHub<T>(what: string, request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (githubStatus(error) === 404) return undefined
    throw githubError(error, what)
  }
}

/**
 * When GitHub answered, by GitHub's clock. Compare times from GitHub with this one: with a wrong clock of its own,
 * Backspace would miss comments or take old ones for new.
 */
export function githubTime(
  { headers }: { readonly headers: { readonly date?: string | undefined } },
  now: () => Date = () => new Date(),
): Date {
  const date = new Date(headers.date ?? '')
  return Number.isNaN(date.getTime()) ? now() : date
}

/** Marks a request that can be skipped. It fails at once instead of waiting for a rate limit. */
export const OPTIONAL_REQUEST = { request: { optional: true } } as const
