import { createContext, Script } from 'node:vm'
import type { NamePattern } from '../../github/branch-rules.ts'

/** Milliseconds; a real pattern takes far less on a name of a hundred letters. */
const PATTERN_MS = 50
const MAX_PATTERN = 1000
const MATCH = new Script('new RegExp(pattern, flags).test(text)')

/**
 * Whether a text satisfies a pattern of a ruleset of GitHub. Undefined if JavaScript cannot evaluate the expression, or
 * if that takes too long.
 */
export function matchesPattern(
  { operator, pattern, negate }: NamePattern,
  text: string,
): boolean | undefined {
  const found = matches(operator, pattern, text)
  return found === undefined ? undefined : found !== negate
}

function matches(operator: string, pattern: string, text: string): boolean | undefined {
  switch (operator) {
    case 'starts_with':
      return text.startsWith(pattern)
    case 'ends_with':
      return text.endsWith(pattern)
    case 'contains':
      return text.includes(pattern)
    case 'regex':
      return matchesExpression(pattern, text)
    default:
      return undefined
  }
}

/** RE2's named character classes, as ranges. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
}
/** RE2 syntax that has another meaning in JavaScript. */
const UNKNOWN = /\\[QECa]|\[:\^?\w+:\]|\(\?[A-Z]/

/** Evaluates an expression in RE2 syntax, which GitHub uses. */
function matchesExpression(pattern: string, text: string): boolean | undefined {
  if (pattern.length > MAX_PATTERN) return undefined
  const [, inline = '', rest = ''] = /^(?:\(\?([ims]{1,3})\))?([\s\S]*)$/.exec(pattern) ?? []
  const translated = rest
    .replaceAll('\\A', '^')
    .replace(/\\[zZ]/g, '$')
    .replaceAll('(?P<', '(?<')
    .replace(
      /\[:(\w+):\]/g,
      (whole, name: string) => (Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined) ?? whole,
    )
    .replace(/\\([pP])([A-Z])/g, '\\$1{$2}')
    .replaceAll('\\x{', '\\u{')
  if (UNKNOWN.test(translated)) return undefined
  const flags = /\\(?:[pP]|u)\{/.test(translated) ? `${inline}u` : inline
  try {
    const given = { pattern: translated, flags, text: text.slice(0, 500) }
    return MATCH.runInContext(createContext(given), { timeout: PATTERN_MS }) === true
  } catch {
    return undefined
  }
}
