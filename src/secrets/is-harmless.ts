import { createHash } from 'node:crypto'
import { entropyOf, isSequence } from './entropy.ts'
import { holdsKey } from './find-private-key.ts'
import type { SecretMatch } from './match-secrets.ts'

/**
 * Samples from vendors' documentation, such as Stripe's test keys and AWS's secret key. They are stored as hashes, so
 * that no scanner reports this file.
 */
const SAMPLES: ReadonlySet<string> = new Set([
  '78314b11be2e581549ac1c4f616563fad3fdf0c3b71678f6e2299182080e0598',
  '2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326',
  'f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397',
  '7e8de44ea9ecf6d53415c90f5b249a8591f7abafbf7d65a2c0d855afeca3ec09',
])

/** Whether a match is clearly not a secret. Only its own characters count, never the text around it. */
export function isHarmless({ rule, secret, end }: SecretMatch, text: string): boolean {
  if (rule === undefined) return false
  if (rule.id === 'url-password') return isHarmlessPassword(secret, text.slice(end, end + 100))
  if (rule.id === 'private-key')
    return !holdsKey(secret.replaceAll(/-----[^-]+-----/g, '')) || isSequence(secret.slice(32, 96))
  if (rule.id === 'jwt') return isSampleToken(secret)
  if (SAMPLES.has(createHash('sha256').update(secret).digest('hex'))) return true
  if (rule.form === 'token' && secret.length < (rule.leastFound ?? 0)) return true
  const keyword = rule.keywords.find((word) => secret.toLowerCase().startsWith(word)) ?? ''
  const body = secret.slice(keyword.length, keyword.length + LONGEST_SAMPLE)
  if (rule.fromGitleaks && rule.id !== 'generic-api-key')
    return FILLED_IN.test(body) && (isPlaceholder(body) || isSequence(body))
  const isDull = rule.form === 'token' && body.length >= 20 && entropyOf(body) < LEAST_ENTROPY
  return isDull || isSequence(body) || isPlaceholder(body)
}

/** Placeholders that a person is to replace. gitleaks' own lists have only a few of these. */
const FILLED_IN = /x{8}|X{8}|0{8}|abcdefghijklm/

/** Only the beginning of a token is compared, so that padding cannot make a real token look like a sample. */
const LONGEST_SAMPLE = 40

/** Bits per character. Four characters that take turns have more. */
const LEAST_ENTROPY = 1.9

/** Words that examples are made of. A real secret contains such a word only by chance, and much besides. */
const PLACEHOLDER_WORDS =
  /services|workflows|triggers|examples?|samples?|dummy|placeholder|change[-_]?(?:it|me)|replace|insert|redacted|invalid|your|this|that|with|not|real|fake|mock|stub|secret|password|passw0rd|passwd|pass|pwd|(?:o?auth)|tokens?|keys?|api|here|tests?|testing|foo|bar|baz|qux|admin|root|user(?:name)?|guest|postgres|mysql|hunter2?|letmein|welcome|qwerty|login|default|demo|local|dev|some|value|string|goes|personal|access|installation|install|action|server|client|bearer|abc(?:def?)*(?:ghi)?|\d{0,20}(?:000|012|123|234|345|456|567|678|789)\d{0,20}|(.)\1{2,}|[-_./<>*[\]{}!]/gi
const LEET: Readonly<Record<string, string>> = { '@': 'a', $: 's', '0': 'o', '3': 'e' }

function isPlaceholder(text: string): boolean {
  const isLeft = (spelled: string) => spelled.replaceAll(PLACEHOLDER_WORDS, '').length
  const left = Math.min(isLeft(text), isLeft(text.replaceAll(/[@$03]/g, (char) => LEET[char] ?? char)))
  return left <= Math.max(3, Math.min(8, text.length * 0.2))
}

/** Whether a token has the payload of jwt.io and of many tutorials. */
function isSampleToken(token: string): boolean {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return /"sub":\s*"1234567890"/.test(payload) && /"(?:John|Jane) Doe"/.test(payload)
}

const LOCAL_HOST =
  /^@(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|host\.docker\.internal|[a-z][a-z0-9_-]*(?=[:/\s'"`]|$)|[\w.-]*example\.\w+|[<${])/i

/**
 * Whether a password protects only a service on the same machine or in the same compose file. It counts as a secret if
 * it looks random.
 */
function isHarmlessPassword(password: string, host: string): boolean {
  if (isPlaceholder(password) || isSequence(password)) return true
  const looksRandom = password.length >= 16 && entropyOf(password) >= 3.5
  return LOCAL_HOST.test(host) && !looksRandom
}
