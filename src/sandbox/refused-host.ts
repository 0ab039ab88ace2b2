/**
 * A host that code in a sandbox could not reach, and the reason.
 *
 * - `not_listed`: the egress policy does not have it.
 * - `no_address`: its name has no address, or only forbidden ones.
 * - `no_answer`: it is allowed but does not answer.
 * - `not_https`: it is allowed, but was asked without TLS or on another port than 443.
 * - `other_name`: it was asked for by TLS inside a connection to another, allowed host.
 * - `hidden_name`: it is allowed, but was asked for in a way that may hide another name (Encrypted Client Hello).
 */
export interface RefusedHost {
  readonly host: string
  readonly reason: 'not_listed' | 'no_address' | 'no_answer' | 'not_https' | 'other_name' | 'hidden_name'
}

/** Explains `hidden_name` to people; follows the name of the host and a colon. */
export const HIDDEN_NAME =
  'the program hides which host it asks for (Encrypted Client Hello, as Bun before 1.4 does). A local sandbox lets that through for hosts that are listed by their name, or by a pattern one level above.'
