import type { ColumnType } from 'kysely'

/** `json` keeps the text as it was written. */
type Json = ColumnType<unknown, string, string>

/** API tokens that an operator made. The token itself is not stored. */
export interface ApiTokensTable {
  id: string
  name: string
  /** GitHub login of the person who uses it; null for a program. */
  owner: string | null
  /** SHA-256 of the token, in hexadecimal. */
  digest: string
  /** Patterns of `owner/name`. */
  repositories: Json
  rights: Json
  /** Runs that it may request per hour; null: the limit that every caller has. */
  runs_per_hour: number | null
  created_at: Date
  /** Null: never. */
  expires_at: Date | null
  /** To the minute. */
  last_used_at: Date | null
  revoked_at: Date | null
}

/** Browsers that logged in. The row goes at the log-out, which ends the login on every process. */
export interface WebLoginsTable {
  /** SHA-256, in hexadecimal, of the random number in the cookie. */
  digest: string
  /** What the browser logged in with: `token:` and an id, `setting:` and a name of API_TOKENS, or `person:` and a number. */
  credential: string
  created_at: Date
  expires_at: Date
  /** GitHub login of the person, as GitHub said it last; null for a token. */
  login: string | null
  /** When a request last came with it, to minutes; null for rows of older versions. */
  seen_at: Date | null
}

/** Links that show one run to people who have no access of their own. The secret in a link is not stored. */
export interface ShareLinksTable {
  id: string
  run_id: string
  /** SHA-256 of the link's secret, in hexadecimal. */
  digest: string
  /** Name of the caller who made it, for people. */
  made_by: string
  /** What that caller is known by; the link shows no more than they may see. */
  credential: string
  /** GitHub login of the person behind it. */
  login: string | null
  created_at: Date
  expires_at: Date
  revoked_at: Date | null
}
