import { isHarmless } from './is-harmless.ts'
import { findKnownOf } from './known-values.ts'
import { matchSecrets, type SecretMatch } from './match-secrets.ts'

/** The place of a secret. It never contains the secret itself. */
export interface SecretFinding {
  /** Id of the rule, such as `github-pat`; or `known-secret` for a credential of this service. */
  readonly rule: string
  /** Name to show to people: `GitHub token`, or `a credential of this service`. */
  readonly name: string
  /** Line number, from 1. */
  readonly line: number
  /** UTF-16 offsets of the secret, `end` excluded. */
  readonly start: number
  readonly end: number
}

/** At most this many findings are searched for, one by one, in the file's earlier text. */
const MOST_COMPARED = 200

/**
 * Finds secrets in a text that is about to be published: values that this process knows, in every usual encoding, and
 * whatever a rule takes for a secret. Samples, placeholders, and passwords of databases on the same machine do not
 * count, and neither does what `before` contains, which is in the repository already. Findings are in order and do not
 * overlap.
 */
export function findSecrets(
  text: string,
  {
    knownSecrets,
    before = '',
  }: { readonly knownSecrets: readonly string[]; readonly before?: string | undefined },
): readonly SecretFinding[] {
  const matches = matchSecrets(text, findKnownOf(knownSecrets)).filter((match) => !isHarmless(match, text))
  const fresh = before === '' ? matches : withoutOld(matches, { text, before })
  return withLines(text, apart(fresh))
}

function withoutOld(
  matches: readonly SecretMatch[],
  { text, before }: { readonly text: string; readonly before: string },
): readonly SecretMatch[] {
  const old = new Set(matchSecrets(before, () => []).map(({ secret }) => secret))
  let compared = 0
  return matches.filter(({ rule, secret, start, end }) => {
    if (rule === undefined) return true
    if (old.has(secret)) return false
    return ++compared > MOST_COMPARED || !before.includes(text.slice(start, end))
  })
}

/**
 * Of overlapping matches, keeps the one whose rule ranks first: a known value before all others, a general rule last.
 */
function apart(matches: readonly SecretMatch[]): readonly SecretMatch[] {
  const kept: SecretMatch[] = []
  for (const match of matches.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (!last || match.start >= last.end) kept.push(match)
    else if (rankOf(match) < rankOf(last)) kept[kept.length - 1] = match
  }
  return kept
}

function rankOf({ rule }: SecretMatch): number {
  if (rule === undefined) return 0
  return rule.form === 'token' ? 1 : rule.form === 'special' ? 2 : rule.id === 'generic-api-key' ? 4 : 3
}

function withLines(text: string, matches: readonly SecretMatch[]): readonly SecretFinding[] {
  let line = 1
  let next = text.indexOf('\n')
  return matches.map(({ rule, start, end }) => {
    while (next !== -1 && next < start) {
      line++
      next = text.indexOf('\n', next + 1)
    }
    return {
      rule: rule?.id ?? 'known-secret',
      name: rule?.name ?? 'a credential of this service',
      line,
      start,
      end,
    }
  })
}
