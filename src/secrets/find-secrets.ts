import { SECRET_SHAPES } from './shapes.ts'

/** Where a secret is. It never holds the secret itself. */
export interface SecretFinding {
  /** Id of the rule, such as `github-pat`. */
  readonly rule: string
  /** For people: `GitHub token`, or `a credential of this service`. */
  readonly name: string
  /** 1-based. */
  readonly line: number
  /** UTF-16 offsets of the secret. */
  readonly start: number
  readonly end: number
}

/**
 * Finds secrets in text that is about to be published: values known to this process, in plain and in the usual
 * encodings, and everything that has the shape of a key. Examples, placeholders and passwords of databases on the
 * same machine are not secrets; text in `before` is in the repository already and is not reported again.
 */
export function findSecrets(
  text: string,
  {
    knownSecrets,
    before = '',
  }: { readonly knownSecrets: readonly string[]; readonly before?: string | undefined },
): readonly SecretFinding[] {
  const known = knownSecrets
    .filter((secret) => secret.length >= 6)
    .flatMap(spellings)
    .map((value) => ({ value, start: text.indexOf(value) }))
    .filter(({ start }) => start !== -1)
    .map(({ value, start }) => ({
      rule: 'known-secret',
      name: 'a credential of this service',
      start,
      end: start + value.length,
    }))
  const shaped = SECRET_SHAPES.flatMap(({ id, name, pattern }) =>
    [...text.matchAll(pattern)]
      .filter((match) => !before.includes(match[0]) && !isHarmless(name, match[0], text.slice(match.index)))
      .map((match) => ({ rule: id, name, start: match.index, end: match.index + match[0].length })),
  )
  const findings = [...known, ...shaped].map((found) => ({ ...found, line: lineAt(text, found.start) }))
  return findings.filter(
    (finding, at) =>
      findings.findIndex((other) => other.name === finding.name && other.line === finding.line) === at,
  )
}

function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  // Base64 of a text depends on what precedes it: these three are the parts that do not.
  const shifted = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1)
  })
  const encodings = [
    ...shifted,
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(secret),
  ]
  return [secret, ...encodings.filter((encoding) => encoding.length >= 12)]
}

const EXAMPLE = /example|placeholder|changeme|redacted|dummy|your[-_]?|x{6,}|0{9,}|\*{3,}|\.{3}/i

function isHarmless(name: string, match: string, from: string): boolean {
  if (name === 'URL password') {
    return (
      /^(?:password|passwd|pass|pwd|secret|postgres|root|guest|test|admin|user)$|^[$<{%[(]|example|x{3,}|\*{3,}|\.{3}/i.test(
        match,
      ) ||
      /^[^@]*@(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|host\.docker\.internal|[a-z][a-z0-9_-]*(?=[:/\s'"`]|$)|[\w.-]*example\.\w+|[<${])/i.test(
        from,
      )
    )
  }
  // `sk-circle-fade-dot` is a class of a style sheet: short lower-case words, not a key.
  if (name === 'OpenAI key' && /^sk(?:-[a-z]{1,15})+$/.test(match)) return true
  if (name === 'private key') return !holdsKey(match) || EXAMPLE.test(match.slice(0, 200))
  return EXAMPLE.test(match)
}

/**
 * Whether something follows the first line that could be a key: the shortest, of Ed25519, has 64 characters. In source
 * code it may be in pieces, or be on one line with `\n` spelled out.
 */
function holdsKey(match: string): boolean {
  const body = match.replace(/^-----BEGIN [A-Z ]+-----/, '').replaceAll(/\\[nr]/g, '\n')
  return (
    /^\s*(?:(?:Proc-Type|DEK-Info):|[A-Za-z0-9+/]{16})/.test(body) ||
    /^[A-Za-z0-9+/]{60}/.test(body.replaceAll(/[\s"'`+,]/g, ''))
  )
}

function lineAt(text: string, index: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line++
  return line
}
