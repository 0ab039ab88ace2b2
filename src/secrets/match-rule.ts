import { compilePattern } from './compile-pattern.ts'
import { entropyOf } from './entropy.ts'
import { createKeywordFinder } from './keyword-finder.ts'
import type { Allowed, AssignedRule, Range, SecretRule, TokenRule } from './rule.ts'

/** Looks for a secret of one rule at a place where one of the rule's keywords is. */
export type MatchRule = (scan: Scan, at: number) => Range | undefined

/** A text that many rules examine. */
export interface Scan {
  readonly text: string
  /**
   * Start and end of the value that was read last. Names may be dense and share one value, which is then read only
   * once.
   */
  value: Range
}

/**
 * The beginning of a word. A text may be encoded when it is masked, so the end of an escape counts as well: `
 * `, `%20`, `\u003d`, the colour of a terminal.
 */
const WORD_START = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[nrtbfv]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\[[0-9;]{1,12}m))`

/**
 * What comes between a name and its value: ` = "`, `": "`, ` => `. As in gitleaks, with the addition of quotes that
 * JSON escapes.
 */
const ASSIGNMENT =
  /[ \t\w.-]{0,20}(?:[\s'"]|\\["'nrt]){0,3}(?::{1,3}=|=>|\?=|\|\||[=>:,])(?:[`'"\s=]|\\["'nrt]){0,5}/y
const VALUE = /[^\s`'";,<>()[\]{}&|\\]+/y
/** With one of these after it, a value is a call, an index, or masked. */
const OPENING = new Set<string | undefined>(['(', '[', '{'])
/** No rule has values longer than this. */
const LONGEST_VALUE = 200
/** The part of a name that may come before the keyword. */
const NAME_START = /[\w.-]{0,50}$/
const LONGEST_LINE = 500

/** Whether a text is never a secret, such as `${TOKEN}`. */
type IsAllowed = (found: Found) => boolean

interface Found {
  readonly text: string
  readonly secret: string
  /** Where the match begins. It may begin before the secret. */
  readonly from: number
  readonly range: Range
}

/** @param general what no rule takes for a secret. */
export function createMatchRule(rule: SecretRule, general: IsAllowed): MatchRule {
  const allowed = (rule.allowed ?? []).map(createIsAllowed)
  const least = rule.entropy ?? 0
  const isSecret = (found: Found) =>
    entropyOf(found.secret) > least && !general(found) && !allowed.some((isAllowed) => isAllowed(found))
  if (rule.form === 'token') return matchToken(rule, isSecret)
  if (rule.form === 'assigned') return matchAssigned(rule, isSecret)
  return ({ text }, at) => {
    const range = rule.find(text, at)
    if (!range) return undefined
    const secret = text.slice(range.start, range.end)
    return isSecret({ text, secret, from: range.start, range }) ? range : undefined
  }
}

/**
 * What gitleaks requires after a token. It rarely follows a word that only looks like a token, such as
 * `hf_requiredTypes`.
 */
const PLAIN_END = /["'`\s;]|\\[nr]|$/y
/** The largest share of capitals in a name. Random letters are capitals as often as not. */
const MOST_CAPITALS = 0.25

/** The rest of a token that is longer than its pattern. */
const REST = '[A-Za-z0-9_-]*={0,2}'

function matchToken(rule: TokenRule, isSecret: IsAllowed): MatchRule {
  const { before = 0, atWordStart = false, rest = REST, keywords } = rule
  const pattern = compilePattern(
    `${atWordStart ? WORD_START : ''}(?:${rule.pattern})`,
    rule.ignoreCase ? 'iy' : 'y',
  )
  const more = new RegExp(rest, 'y')
  return ({ text }, at) => {
    const start = at - before
    if (start < 0) return undefined
    pattern.lastIndex = start
    const [whole, captured] = pattern.exec(text) ?? []
    if (whole === undefined) return undefined
    const end = start + whole.length
    const secret = captured ?? whole
    const range = { start: end - secret.length, end }
    if (rule.entropy === undefined && rule.allowed === undefined)
      return { start: range.start, end: matchEnd(more, text, end) ?? end }
    if (isWords(secret, keywords) && matchEnd(PLAIN_END, text, end) === undefined) return undefined
    if (!isSecret({ text, secret, from: start, range })) return undefined
    return { start: range.start, end: matchEnd(more, text, end) ?? end }
  }
}

function isWords(secret: string, keywords: readonly string[]): boolean {
  const keyword = keywords.find((word) => secret.toLowerCase().startsWith(word)) ?? ''
  const body = secret.slice(keyword.length)
  const capitals = body.replaceAll(/[^A-Z]/g, '').length
  return /^[A-Za-z_-]+$/.test(body) && capitals <= body.length * MOST_CAPITALS
}

function matchAssigned(rule: AssignedRule, isSecret: IsAllowed): MatchRule {
  const flags = rule.ignoreCase ? 'i' : ''
  const identifier = compilePattern(rule.identifier, 'iy')
  const value = compilePattern(`^(?:${rule.value})$`, flags)
  return (scan, at) => {
    const { text } = scan
    const named = matchEnd(identifier, text, at)
    const start = named === undefined ? undefined : matchEnd(ASSIGNMENT, text, named)
    const rest = start === undefined ? undefined : endOfValue(scan, start)
    if (start === undefined || rest === undefined || rest - start > LONGEST_VALUE) return undefined
    if (OPENING.has(text[rest])) return undefined
    const whole = text.slice(start, rest)
    // A sentence or a YAML key may end with such a character.
    const secret = value.test(whole) ? whole : whole.replace(/[.:!?]$/, '')
    if (!value.test(secret) || /^[A-Za-z_.-]+$/.test(secret)) return undefined
    const range = { start, end: start + secret.length }
    const from = at - (NAME_START.exec(text.slice(Math.max(0, at - 50), at))?.[0].length ?? 0)
    return isSecret({ text, secret, from, range }) ? range : undefined
  }
}

function endOfValue(scan: Scan, start: number): number | undefined {
  const { value } = scan
  if (start >= value.start && start < value.end) return value.end
  const end = matchEnd(VALUE, scan.text, start)
  if (end !== undefined) scan.value = { start, end }
  return end
}

/** Where the match of a sticky pattern that begins at `from` ends; undefined without a match. */
export function matchEnd(pattern: RegExp, text: string, from: number): number | undefined {
  if (from < 0) return undefined
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : undefined
}

export function createIsAllowed({ target, patterns, stopwords }: Allowed): IsAllowed {
  const compiled = patterns.map((source) => compilePattern(source))
  const findStopword = createKeywordFinder(
    stopwords.map((word) => word.toLowerCase()),
    { ignoreCase: true },
  )
  return ({ text, secret, from, range }) => {
    let stopped = false
    if (stopwords.length > 0) findStopword(secret, () => (stopped = true))
    if (stopped || compiled.length === 0) return stopped
    const looked =
      target === 'secret'
        ? secret
        : target === 'match'
          ? text.slice(from, range.end + 1)
          : lineOf(text, range)
    return compiled.some((pattern) => pattern.test(looked))
  }
}

function lineOf(text: string, { start, end }: Range): string {
  const before = text.slice(Math.max(0, start - LONGEST_LINE), start)
  const after = text.slice(end, end + LONGEST_LINE)
  return before.slice(before.lastIndexOf('\n') + 1) + text.slice(start, end) + (after.split('\n', 1)[0] ?? '')
}
