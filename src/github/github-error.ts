import { BackspaceError, type ErrorCode, knownError } from '../errors.ts'

/** What a failed request to GitHub says; read by shape, since several copies of Octokit's class may be installed. */
interface GitHubFailure {
  /** 500 when there was no answer at all. */
  readonly status: number
  readonly message: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** The facts of Octokit's `RequestError`, looking through `cause`; undefined for anything else. */
export function githubFailure(error: unknown): GitHubFailure | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; depth++) {
    if ('status' in current && typeof current.status === 'number' && 'request' in current) {
      const response = 'response' in current ? current.response : undefined
      return { status: current.status, message: current.message, headers: headersOf(response) }
    }
    current = current.cause
  }
  return undefined
}

/** HTTP status of a failed request to GitHub; undefined when that is not what failed. */
export function githubStatus(error: unknown): number | undefined {
  return githubFailure(error)?.status
}

/** How long GitHub wants us to stay away, in milliseconds; undefined when the failure is not a rate limit. */
export function rateLimitWaitMs(failure: GitHubFailure, now: number): number | undefined {
  // What makes content is also limited in this way: https://github.com/cli/cli/issues/4801
  if (failure.status === 422 && /submitted too quickly|"code":"abuse"/i.test(failure.message)) return 60_000
  if (failure.status !== 403 && failure.status !== 429) return undefined
  const retryAfter = Number(failure.headers['retry-after'])
  if (failure.headers['retry-after'] !== undefined && retryAfter >= 0) return retryAfter * 1000
  if (failure.headers['x-ratelimit-remaining'] === '0') {
    return Math.max(0, Number(failure.headers['x-ratelimit-reset']) * 1000 - now + 1000) || 60_000
  }
  // https://docs.github.com/en/rest/using-the-rest-api/best-practices: without a header, at least one minute.
  return failure.status === 429 || /secondary rate|abuse detection/i.test(failure.message)
    ? 60_000
    : undefined
}

/**
 * Turns a failed request into an error that says what happened and what to do. GitHub's own words are used to
 * decide, and kept as a fact for logs; they are not repeated to people.
 *
 * @param what what was being done, to finish the sentence "GitHub did not let Backspace …".
 */
export function githubError(error: unknown, what: string): unknown {
  const failure = githubFailure(error)
  if (!failure || knownError(error)) return error
  const [code, userMessage] = explain(failure, what)
  return new BackspaceError(code, userMessage, {
    cause: error,
    facts: { status: failure.status, upstream: failure.message.slice(0, 500), what },
  })
}

type Explanation = readonly [ErrorCode, string]

function explain(failure: GitHubFailure, what: string): Explanation {
  const limitedMs = rateLimitWaitMs(failure, Date.now())
  if (limitedMs !== undefined) {
    const minutes = Math.max(1, Math.ceil(limitedMs / 60_000))
    return [
      'github_rate_limited',
      `GitHub's rate limit was reached when Backspace wanted to ${what}. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    ]
  }
  switch (failure.status) {
    case 401:
      return [
        'unauthorized',
        `GitHub did not accept Backspace's credentials (to ${what}). Whoever runs Backspace must check APP_ID and PRIVATE_KEY, or GITHUB_PAT.`,
      ]
    case 403:
      return explainForbidden(failure, what)
    case 404:
      return (
        missingScope(failure, what) ?? [
          'not_found',
          `GitHub found nothing there, or hides it from Backspace (to ${what}).`,
        ]
      )
    case 409:
      return /repository is empty/i.test(failure.message)
        ? ['repository_empty', 'The repository is empty. Push a first commit and try again.']
        : ['conflict', `Something changed on GitHub meanwhile, so Backspace could not ${what}. Try again.`]
    case 410:
      return ['not_found', `That is switched off or deleted on GitHub, so Backspace could not ${what}.`]
    case 422:
      return explainUnprocessable(failure, what)
    case 451:
      return ['repository_disabled', 'GitHub has blocked this repository for legal reasons.']
    default:
      return failure.status >= 500
        ? unavailable(what)
        : ['conflict', `GitHub refused to ${what} (status ${failure.status}).`]
  }
}

function unavailable(what: string): Explanation {
  return [
    'github_unavailable',
    `GitHub did not answer properly when Backspace wanted to ${what}. Try again; see https://www.githubstatus.com if it lasts.`,
  ]
}

function explainForbidden(failure: GitHubFailure, what: string): Explanation {
  if (/archived/i.test(failure.message)) {
    return [
      'repository_archived',
      'The repository is archived, so nothing can be changed. Unarchive it and try again.',
    ]
  }
  if (/SAML|single sign-on/i.test(failure.message)) {
    return [
      'permission_missing',
      'The organization requires single sign-on for this token. Authorize it at GitHub under Settings → Developer settings, and try again.',
    ]
  }
  if (/suspended/i.test(failure.message)) {
    return [
      'not_installed',
      'The installation of the Backspace App is suspended. An owner can unsuspend it in the account’s settings.',
    ]
  }
  if (/\blocked\b/i.test(failure.message)) {
    return [
      'conflict',
      `The conversation is locked, so Backspace could not ${what}. Unlock it and try again.`,
    ]
  }
  if (/access blocked|repository (?:is |has been )?disabled/i.test(failure.message)) {
    return ['repository_disabled', 'GitHub has disabled this repository, so nothing can be changed.']
  }
  if (BRANCH_RULES.test(failure.message)) return branchProtected(what)
  const scope = missingScope(failure, what)
  if (scope) return scope
  const needed = failure.headers['x-accepted-github-permissions']?.replaceAll('_', ' ')
  const named = needed ? ` It needs: ${needed}.` : ''
  return /personal access token/i.test(failure.message)
    ? [
        'scope_missing',
        `The personal access token may not ${what}.${named} Give it that permission for this repository, and try again.`,
      ]
    : [
        'permission_missing',
        `The Backspace App may not ${what}.${named} Grant the permission on the App's settings page, accept it in the installation, and try again.`,
      ]
}

/** A classic token's scopes are in the headers; GitHub hides private things from it with 404. */
function missingScope({ headers }: GitHubFailure, what: string): Explanation | undefined {
  const held = headers['x-oauth-scopes']
  const accepted = splitScopes(headers['x-accepted-oauth-scopes'])
  if (held === undefined || accepted.length === 0) return undefined
  if (splitScopes(held).some((scope) => accepted.includes(scope) || scope === 'repo')) return undefined
  const list = accepted.map((scope) => `\`${scope}\``).join(' or ')
  return [
    'scope_missing',
    `The personal access token lacks the scope ${list}, which it needs to ${what}. Add the scope at GitHub under Settings → Developer settings, and try again.`,
  ]
}

function explainUnprocessable(failure: GitHubFailure, what: string): Explanation {
  if (BRANCH_RULES.test(failure.message)) return branchProtected(what)
  // Of something that was made a moment ago.
  if (/could not resolve to a node/i.test(failure.message)) return unavailable(what)
  if (/not a fast.?forward|reference update failed/i.test(failure.message)) {
    return [
      'head_moved',
      'The branch got new commits meanwhile, so nothing was pushed. Ask again to work on the new state.',
    ]
  }
  return [
    'conflict',
    `GitHub refused to ${what}: it says that the request does not fit the repository's state.`,
  ]
}

const BRANCH_RULES = /protected|rule violation|rulesets?\b|required status/i

function branchProtected(what: string): Explanation {
  return [
    'branch_protected',
    `The repository's branch rules do not let Backspace ${what}. Let the App bypass the rule for branches named \`backspace/**\`, or loosen it.`,
  ]
}

function splitScopes(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((scope) => scope.trim())
    .filter((scope) => scope !== '')
}

function headersOf(response: unknown): Readonly<Record<string, string | undefined>> {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return {}
  const { headers } = response
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

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
