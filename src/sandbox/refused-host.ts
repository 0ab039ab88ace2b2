/**
 * - `not_listed`: not in the egress policy.
 * - `no_address`: its name has no address, or only addresses that are forbidden.
 * - `no_answer`: allowed, but does not answer.
 * - `not_https`: allowed, but asked for without TLS, or on another port than that of https.
 * - `other_name`: asked for by TLS inside a connection to another, allowed host.
 * - `hidden_name`: allowed, but asked for in a way that may hide another name (Encrypted Client Hello).
 */
export interface RefusedHost {
  readonly host: string
  readonly reason: 'not_listed' | 'no_address' | 'no_answer' | 'not_https' | 'other_name' | 'hidden_name'
}

/** For people: what `hidden_name` means, after the name of the host and a colon. */
export const HIDDEN_NAME =
  'the program hides which host it asks for (Encrypted Client Hello, as Bun before 1.4 does). A local sandbox lets that through for hosts that are listed by their name, or by a pattern one level above.'
