import type { Pieces } from '../time/pieces.ts'
import type { GitleaksRules } from './gitleaks/convert-rules.ts'
import gitleaks from './gitleaks/rules.json' with { type: 'json' }
import { createKeywordFinder } from './keyword-finder.ts'
import { createIsAllowed, createMatchRule } from './match-rule.ts'
import { OWN_RULES } from './own-rules.ts'
import type { Range, SecretRule } from './rule.ts'

export interface RuleMatch extends Range {
  readonly rule: SecretRule
}

const { allowed, rules } = gitleaks as GitleaksRules

/** Backspace's own rules come first: if two rules find the same secret, the first one names it. */
const SECRET_RULES: readonly SecretRule[] = [
  ...OWN_RULES,
  ...rules.map((rule) => ({ ...rule, fromGitleaks: true })),
]

/** The rule ids that a repository may list in `secrets.allow`. */
export const SECRET_RULE_IDS: ReadonlySet<string> = new Set(SECRET_RULES.map(({ id }) => id))

/** Code that reads a secret from somewhere else does not contain it. */
const REFERENCES = String.raw`^(?:process|env|os|self|this|config|settings|secrets|vars?|local|import|args|opts|options|props|ctx|req|request)\.[A-Za-z_.]`

/** The address of an account or a contract on Ethereum, which is public; a key has 64 digits. */
const PUBLIC_ADDRESS = '^0x[0-9a-fA-F]{40}$'
/** As in `99ae8af...ec0f262ac`, where the part that would be secret is left out. */
const LEFT_OUT = String.raw`^\w+\.{3}[\w.]+$`

const isAllowed = createIsAllowed({
  ...allowed,
  patterns: [...allowed.patterns, REFERENCES, PUBLIC_ADDRESS, LEFT_OUT],
})
const COMPILED = SECRET_RULES.map((rule) => ({ rule, match: createMatchRule(rule, isAllowed) }))

const KEYWORDS = [...new Set(SECRET_RULES.flatMap(({ keywords }) => keywords))]
const RULES_OF_KEYWORD = KEYWORDS.map((word) => COMPILED.filter(({ rule }) => rule.keywords.includes(word)))
const findKeywords = createKeywordFinder(KEYWORDS, { ignoreCase: true })

/** How many characters are searched between two pauses. If keywords are dense, that takes a few milliseconds. */
const PIECE = 2048

/**
 * Finds everything that a rule takes for a secret, in the order of the keywords. One pass looks for the keywords; where
 * it finds one, each rule with that keyword examines a limited piece of the text.
 */
export function* matchRules(text: string): Pieces<readonly RuleMatch[]> {
  const scan = { text, value: { start: 0, end: 0 } }
  const matches: RuleMatch[] = []
  /** Where the last match of each rule ends. */
  const ends = new Map<SecretRule, number>()
  const look = (keyword: number, at: number) => {
    for (const { rule, match } of RULES_OF_KEYWORD[keyword] ?? []) {
      if (at < (ends.get(rule) ?? 0)) continue
      const range = match(scan, at)
      if (!range) continue
      ends.set(rule, range.end)
      matches.push({ rule, ...range })
    }
  }
  let state = 0
  for (let from = 0; from < text.length; from += PIECE) {
    state = findKeywords(text, look, { from, to: Math.min(text.length, from + PIECE), state })
    yield
  }
  return matches
}
