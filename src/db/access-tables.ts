import type { ColumnType } from 'kysely'

/** `json` keeps the text as written. */
type Json = ColumnType<unknown, string, string>

/** API tokens that an operator created. The token itself is not stored. */
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
  /** How many runs the token may request per hour; null for the limit that applies to every requester. */
  runs_per_hour: number | null
  created_at: Date
  /** Null if the token never expires. */
  expires_at: Date | null
  /** Precise to the minute. */
  last_used_at: Date | null
  revoked_at: Date | null
}

/** Browsers that are signed in. Signing out deletes the row, which ends the login in every process. */
export interface WebLoginsTable {
  /** SHA-256, in hexadecimal, of the random number in the cookie. */
  digest: string
  /**
   * What the browser signed in with: `token:` and an id, `setting:` and a name in API_TOKENS, or `person:` and an
   * account id.
   */
  credential: string
  created_at: Date
  expires_at: Date
  /** The person's GitHub login, as GitHub last reported it; null for a token. */
  login: string | null
  /** When the last request came with this login, precise to minutes; null for rows of older versions. */
  seen_at: Date | null
}

/** Links that show one run to people who have no access of their own. The secret in a link is not stored. */
export interface ShareLinksTable {
  id: string
  run_id: string
  /** SHA-256 of the link's secret, in hexadecimal. */
  digest: string
  /** Name of the caller who created the link, to show to people. */
  made_by: string
  /** How that caller is identified. The link shows no more than the caller may see. */
  credential: string
  /** GitHub login of the person behind that caller; null if there is none. */
  login: string | null
  created_at: Date
  expires_at: Date
  revoked_at: Date | null
}
