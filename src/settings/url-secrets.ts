/** Names of query parameters whose values are secret: `api_key`, `sslpassword`, `sig`. */
const SECRET_NAME = /key|token|secret|pass|sig|auth|cred/i
/**
 * Passwords that protect nothing. Masking these words everywhere would garble text, and keep harmless files from being
 * published.
 */
const WORD =
  /^(?:postgres(?:ql)?|password|passwd|secret|root|admin|backspace|changeme|example|database|user|test)\d{0,4}$/i
/** Shorter text before `@` is a user name, and masking it everywhere would garble ordinary words. */
const LEAST_TOKEN = 16

/**
 * The secret parts of an address, both as written and decoded: the password, a token in place of a user name, and the
 * values of query parameters with names like those of secrets. A text that is not a valid address, such as
 * `postgres://app:p#ss@db/main`, may contain a password as well.
 */
export function urlSecrets(address: string): readonly string[] {
  const written = URL.canParse(address) ? partsOf(new URL(address)) : looseParts(address)
  return [...new Set(written.flatMap((part) => [part, decoded(part)]))].filter(
    (part) => part !== '' && !WORD.test(part),
  )
}

function partsOf({ username, password, searchParams }: URL): readonly string[] {
  const userinfo = password !== '' ? password : username.length < LEAST_TOKEN ? '' : username
  const named = [...searchParams].flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []))
  return [userinfo, ...named]
}

function looseParts(address: string): readonly string[] {
  const userinfo = /^[a-z][a-z\d+.-]*:\/\/(.*)@/i.exec(address)?.[1] ?? ''
  const colon = userinfo.indexOf(':')
  return [colon === -1 ? '' : userinfo.slice(colon + 1)]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A `%` that encodes nothing.
    return part
  }
}
