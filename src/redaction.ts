/**
 * Secrets by shape. One list serves two purposes: masking text before it leaves the process, and refusing to
 * publish a change that holds one. GitHub's installation tokens are no longer 40 characters: they carry a JWT
 * (`ghs_<app>_<jwt>`, ~520 characters with `.`, `_` and `-`), so no upper bound is safe.
 */
export const SECRET_PATTERNS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'GitHub token', pattern: /\bgh[oprsu]_[A-Za-z0-9._-]{36,}/g },
  { name: 'GitHub fine-grained token', pattern: /\bgithub_pat_[A-Za-z0-9_]{22,}/g },
  { name: 'Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{16,}/g },
  { name: 'OpenAI key', pattern: /\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g },
  { name: 'E2B key', pattern: /\be2b_[A-Za-z0-9]{20,}/g },
  { name: 'LangSmith key', pattern: /\blsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}/g },
  { name: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { name: 'Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/g },
  { name: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { name: 'JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g },
  {
    name: 'private key',
    pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|$)/g,
  },
  { name: 'URL password', pattern: /(?<=:\/\/[^\s/:@]{0,64}:)[^\s/@]{3,}(?=@)/g },
]

/** Masks secrets in text. Idempotent: masking masked text changes nothing. */
export type Redact = (text: string) => string

const MASK = '[redacted]'

/**
 * Builds the masking function: exact values first (whatever their shape), then known shapes.
 *
 * @param values secrets known to this process; shorter ones than 6 characters are ignored, since masking them
 * would garble ordinary text.
 */
export function createRedact(values: Iterable<string>): Redact {
  const exact = [...new Set(values)].filter((value) => value.length >= 6).sort((a, b) => b.length - a.length)
  return (text) => {
    let masked = text
    for (const value of exact) masked = masked.replaceAll(value, MASK)
    for (const { pattern } of SECRET_PATTERNS) masked = masked.replace(pattern, MASK)
    return masked
  }
}

/** Applies `redact` to every string inside a JSON-like value, keys included; other values are kept as they are. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return walk(value, redact, 0) as T
}

function walk(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return redact(value)
  if (depth > 32 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => walk(item, redact, depth + 1))
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), walk(item, redact, depth + 1)]),
  )
}
