import type { HttpBindings } from '@hono/node-server'
import type { RepositoryScope } from '../runs/repository-scope.ts'
import type { Right } from './access/token-store.ts'

/** What Hono passes to each handler of this app. */
export interface WebEnv {
  /** Absent when the app is called without a socket; such a caller never counts as local. */
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    caller: Caller
    /** True for what a link shows to people who have no access of their own. */
    isShared?: boolean
  }
}

/** Who sent the request, and what they may do. */
export interface Caller {
  /** Name of the API token; the login of a person who signed in with GitHub; `local` for a client on this machine when there are no tokens. */
  readonly name: string
  /**
   * What the caller is known by, for limits: `token:` and an id, `setting:` and a name of API_TOKENS, `person:` and the
   * number of a GitHub account, `share:` and an id, or `local`.
   */
  readonly credential: string
  readonly repositories: RepositoryScope
  readonly rights: readonly Right[]
  /** GitHub login of the person behind the session or the token, who can do no more here than on GitHub. */
  readonly owner?: string | undefined
  /** Number of the GitHub account of a person who signed in; it stays when the login changes. */
  readonly personId?: number | undefined
  /** Absent: the limit that every caller has. */
  readonly runsPerHour?: number | undefined
  /** The link that shows the caller one run, and nothing else. */
  readonly share?: { readonly id: string; readonly runId: string; readonly expiresAt: Date } | undefined
  /** Key of the browser's login; absent for a token that was sent with the request. */
  readonly login?: string | undefined
}
