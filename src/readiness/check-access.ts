import type { Config } from '../config.ts'
import { knownError } from '../errors.ts'
import { askGitHub, githubTime } from '../github/github-call.ts'
import { createGitHubClient } from '../github/github-client.ts'
import { githubFailure } from '../github/github-error.ts'
import { durationText } from '../text/amounts.ts'
import type { Said } from './finding.ts'
import { whyNoAnswer } from './why-no-answer.ts'

const PATIENCE_MS = 2_000

/** Whether GitHub accepts GITHUB_PAT. */
export async function checkPat({ github, hostEnvironment }: Config): Promise<Said> {
  const { pat, app, apiUrl } = github
  if (!pat)
    return {
      state: 'not_set',
      fact: 'not set',
      costs: app
        ? 'POST /code then reaches only repositories where the App is installed.'
        : 'Without it and without an App nothing can be read or published.',
    }
  const auth = { kind: 'token', token: async () => pat } as const
  const octokit = createGitHubClient({ apiUrl, auth, patienceMs: PATIENCE_MS })
  try {
    const { data, headers } = await askGitHub(
      'read whose GITHUB_PAT this is',
      octokit.rest.users.getAuthenticated(),
    )
    const scopes = headers['x-oauth-scopes']
    if (scopes !== undefined && !/\b(public_)?repo\b/.test(scopes))
      return {
        state: 'broken',
        fact: `of ${data.login}, with the scopes: ${scopes || 'none'}`,
        costs: 'It can read public repositories and publish nothing.',
        next: 'Give it the scope repo, or public_repo for public repositories only.',
      }
    return { state: 'ok', fact: `of ${data.login}${scopes ? `, with the scopes: ${scopes}` : ''}` }
  } catch (error) {
    const unreachable = whyNoAnswer(error, hostEnvironment)
    if (unreachable) return { ...unreachable, state: 'broken', fact: `GitHub is ${unreachable.fact}` }
    const refused = githubFailure(error)?.status === 401
    return {
      state: 'broken',
      fact: refused ? 'GitHub does not know this token, or it has expired' : 'GitHub does not accept it',
      next: refused
        ? 'Make a new one under Settings → Developer settings on GitHub, and set GITHUB_PAT to it.'
        : knownError(error)?.userMessage,
    }
  }
}

/** Signatures of the App and of the clouds carry the time, and are refused when that is off by more than this. */
const MOST_SKEW_MS = 5 * 60_000
const SKEW_TO_SAY_MS = 30_000

/** Compares the clock of this machine with GitHub's. */
export async function checkClock(
  { github, hostEnvironment }: Config,
  now: () => Date = () => new Date(),
): Promise<Said> {
  const octokit = createGitHubClient({ apiUrl: github.apiUrl, auth: { kind: 'anonymous' }, patienceMs: 0 })
  const before = now().getTime()
  let at: Date
  try {
    at = githubTime(await octokit.rest.rateLimit.get(), now)
  } catch (error) {
    const unreachable = whyNoAnswer(error, hostEnvironment)
    if (unreachable)
      return { ...unreachable, state: 'broken', fact: `${github.apiUrl} is ${unreachable.fact}` }
    // An Enterprise Server without rate limits answers 404, but every answer has the time.
    at = new Date(dateOf(error) ?? before)
  }
  const skew = (before + now().getTime()) / 2 - at.getTime()
  const size = Math.abs(skew)
  // GitHub's clock shows whole seconds, so a small difference means nothing.
  if (size < SKEW_TO_SAY_MS) return { state: 'ok', fact: `${github.apiUrl} answers, and the clocks agree` }
  const fact = `${github.apiUrl} answers, and this clock is ${durationText(size)} ${skew > 0 ? 'ahead of' : 'behind'} GitHub’s`
  const next = 'Switch time synchronisation on: timedatectl set-ntp true.'
  return size > MOST_SKEW_MS
    ? {
        state: 'broken',
        fact,
        costs: 'Signatures carry a time: GitHub and the clouds refuse them when it is wrong.',
        next,
      }
    : { state: 'ok', fact, next }
}

function dateOf(error: unknown): string | undefined {
  return githubFailure(error)?.headers.date
}
