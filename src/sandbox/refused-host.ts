/**
 * - `not_listed`: not in the egress policy.
 * - `no_address`: its name has no address, or only addresses that are forbidden.
 * - `no_answer`: allowed, but does not answer.
 * - `not_https`: allowed, but asked for without TLS, or on another port than that of https.
 * - `other_name`: asked for by TLS inside a connection to another, allowed host.
 */
export interface RefusedHost {
  readonly host: string
  readonly reason: 'not_listed' | 'no_address' | 'no_answer' | 'not_https' | 'other_name'
}
