import { githubError } from './github-error.ts'

/**
 * Waits for a request to GitHub; a failure becomes a {@link BackspaceError} that says what was being done.
 *
 * @param what finishes the sentence "GitHub did not let Backspace …": `comment on acme/api#7`.
 */
export async function askGitHub<T>(what: string, request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw githubError(error, what)
  }
}
