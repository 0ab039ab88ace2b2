import { BackspaceError, type ErrorCode, knownError } from '../errors.ts'

/**
 * A failed request to GitHub. It is recognized by its shape, because several copies of Octokit's error class may be
 * installed.
 */
interface GitHubFailure {
  /** 500 if there was no answer at all. */
  readonly status: number
  readonly message: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** The facts of Octokit's `RequestError`, even if it is the `cause` of another error; undefined for any other error. */
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

/** HTTP status of a failed request to GitHub; undefined for any other error. */
export function githubStatus(error: unknown): number | undefined {
  return githubFailure(error)?.status
}

/** Milliseconds until GitHub's rate limit allows the next request; undefined if the failure is not a rate limit. */
export function rateLimitWaitMs(failure: GitHubFailure, now: number): number | undefined {
  // GitHub also limits new content this way: https://github.com/cli/cli/issues/4801
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
 * Turns a failed request into an error that says what failed and what to do next. GitHub's own message helps to
 * classify the failure and is kept as a fact for logs, but people do not see it.
 *
 * @param what the end of the sentence "Backspace could not …": `comment on acme/api#7`.
 */
export function githubError(error: unknown, what: string): unknown {
  const failure = githubFailure(error)
  if (!failure || knownError(error)) return error
  const [code, userMessage] = explainNoRoute(error, what) ?? explain(failure, what)
  return new BackspaceError(code, userMessage, {
    cause: error,
    facts: { status: failure.status, upstream: failure.message.slice(0, 500), what },
  })
}

/** Codes of a connection that was never made, so GitHub never saw the request. */
const NO_ROUTE =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|CERT_HAS_EXPIRED|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+)$/

function explainNoRoute(error: unknown, what: string): Explanation | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; depth++) {
    const code = 'code' in current ? String(current.code) : ''
    if (NO_ROUTE.test(code)) {
      return [
        'github_unavailable',
        `Backspace could not ${what}: it cannot reach GitHub from where it runs (${code}). The operator must check the network of that machine; \`npm run doctor\` says more.`,
      ]
    }
    current = current.cause
  }
  return undefined
}

type Explanation = readonly [ErrorCode, string]

function explain(failure: GitHubFailure, what: string): Explanation {
  const limitedMs = rateLimitWaitMs(failure, Date.now())
  if (limitedMs !== undefined) {
    const minutes = Math.max(1, Math.ceil(limitedMs / 60_000))
    return [
      'github_rate_limited',
      `GitHub's rate limit does not let Backspace ${what} now. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    ]
  }
  switch (failure.status) {
    case 401:
      return [
        'unauthorized',
        `GitHub refused Backspace's credentials, so Backspace could not ${what}. The operator must check APP_ID and PRIVATE_KEY, or GITHUB_PAT.`,
      ]
    case 403:
      return explainForbidden(failure, what)
    case 404:
      return (
        missingScope(failure, what) ?? [
          'not_found',
          `Backspace could not ${what}: GitHub says that it does not exist, or hides it from Backspace. Check the name and Backspace's access.`,
        ]
      )
    case 409:
      return /repository is empty/i.test(failure.message)
        ? ['repository_empty', 'The repository is empty. Push a first commit and try again.']
        : ['conflict', `Backspace could not ${what}: something on GitHub changed in the meantime. Try again.`]
    case 410:
      return ['not_found', `Backspace could not ${what}: it is disabled or deleted on GitHub.`]
    case 422:
      return explainUnprocessable(failure, what)
    case 451:
      return ['repository_disabled', 'GitHub has blocked this repository for legal reasons.']
    default:
      return failure.status >= 500
        ? unavailable(what)
        : ['conflict', `Backspace could not ${what}: GitHub refused with status ${failure.status}.`]
  }
}

function unavailable(what: string): Explanation {
  return [
    'github_unavailable',
    `Backspace could not ${what}: GitHub did not answer properly. Try again; if it keeps failing, see https://www.githubstatus.com.`,
  ]
}

function explainForbidden(failure: GitHubFailure, what: string): Explanation {
  if (/archived/i.test(failure.message)) {
    return [
      'repository_archived',
      'The repository is archived and cannot be changed. Unarchive it and try again.',
    ]
  }
  if (/SAML|single sign-on/i.test(failure.message)) {
    return [
      'permission_missing',
      'The organization requires single sign-on for this token. Authorize it on GitHub under Settings → Developer settings, then try again.',
    ]
  }
  if (/suspended/i.test(failure.message)) {
    return [
      'not_installed',
      'The installation of the Backspace App is suspended. An owner can unsuspend it in the account’s settings.',
    ]
  }
  if (/\blocked\b/i.test(failure.message)) {
    return ['conflict', `Backspace could not ${what}: the conversation is locked. Unlock it and try again.`]
  }
  if (/access blocked|repository (?:is |has been )?disabled/i.test(failure.message)) {
    return ['repository_disabled', 'GitHub has disabled this repository, so it cannot be changed.']
  }
  if (BRANCH_RULES.test(failure.message)) return branchProtected(what)
  const scope = missingScope(failure, what)
  if (scope) return scope
  const needed = failure.headers['x-accepted-github-permissions']?.replaceAll('_', ' ')
  const named = needed ? ` It needs: ${needed}.` : ''
  return /personal access token/i.test(failure.message)
    ? [
        'scope_missing',
        `The personal access token may not ${what}.${named} Give it that permission for this repository, then try again.`,
      ]
    : [
        'permission_missing',
        `The Backspace App may not ${what}.${named} Grant the permission on the App's settings page, accept it in the installation, then try again.`,
      ]
}

/**
 * Explains a missing scope of a classic token, whose scopes are in the headers. GitHub answers 404 for private things
 * that the token may not see.
 */
function missingScope({ headers }: GitHubFailure, what: string): Explanation | undefined {
  const held = headers['x-oauth-scopes']
  const accepted = splitScopes(headers['x-accepted-oauth-scopes'])
  if (held === undefined || accepted.length === 0) return undefined
  if (splitScopes(held).some((scope) => accepted.includes(scope) || scope === 'repo')) return undefined
  const list = accepted.map((scope) => `\`${scope}\``).join(' or ')
  return [
    'scope_missing',
    `The personal access token lacks the scope ${list}, which it needs to ${what}. Add the scope on GitHub under Settings → Developer settings, then try again.`,
  ]
}

function explainUnprocessable(failure: GitHubFailure, what: string): Explanation {
  if (BRANCH_RULES.test(failure.message)) return branchProtected(what)
  // GitHub also says this about something that was created a moment ago.
  if (/could not resolve to a node/i.test(failure.message)) return unavailable(what)
  if (/not a fast.?forward|reference update failed/i.test(failure.message)) {
    return ['head_moved', 'The branch has new commits, so nothing was pushed. Ask again to start from them.']
  }
  return [
    'conflict',
    `Backspace could not ${what}: GitHub says that the repository's state does not allow it.`,
  ]
}

const BRANCH_RULES = /protected|rule violation|rulesets?\b|required status/i

function branchProtected(what: string): Explanation {
  return [
    'branch_protected',
    `The repository's branch rules do not let Backspace ${what}. Let the App bypass the rules for branches named \`backspace/**\`, or relax them.`,
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
