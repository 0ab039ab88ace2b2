import { inlineCode } from '../../../text/markdown/fenced.ts'
import { type GuardedLine, type GuardFinding, type ReadFile, squeezed } from '../change/guarded-change.ts'

/** Matches a line that catches every error. */
const CATCHES_ALL =
  /^\s*(?:except\s*(?:\(?\s*(?:Base)?Exception\b.{0,40})?:|\}?\s*catch\s*(?:\(\s*(?:_|\w{1,20}|(?:final\s+)?(?:Exception|Throwable|\\Throwable|\\Exception)\s+\$?\w{1,20})\s*\)\s*)?\{\s*\}?|rescue\s*(?:=>\s*\w{1,20}|StandardError|Exception)?)\s*$/
const RECOVERS = /\bdefer\s+func\(\)\s*\{\s*(?:_\s*=\s*)?recover\(\)\s*;?\s*\}\(\)/
/** Matches a line that continues as if nothing had failed. */
const SAYS_NOTHING =
  /^\s*(?:(?:logging|_?log(?:ger)?|Log|console|self\.log(?:ger)?)\.\w{1,20}\(.{0,200}\);?|pass|\}|return(?:\s+(?:null|None|nil|undefined|true|false|True|False|""|''|\[\]|\{\}|0|-?\d+))?;?|nil|null|false|true|\[\]|\{\}|0|end)\s*$/
/** Matches a default for a missing value. */
const OR_ELSE =
  /\s*(?:\?\.(?=\w)|\?\?\s*(?:-?\d[\d_.]*|"[^"]{0,80}"|'[^']{0,80}'|true|false|\[\]|\{\})|\.unwrap_or(?:_default|_else)?\((?:[^()]|\([^()]{0,100}\)){0,100}\))/g
const HAS_DEFAULT = /\?\?\s*(?:-?\d|["'[{]|true|false)|\.unwrap_or/
/** Matches code that refuses a value. */
const REFUSES =
  /\bthrow\b|\braise\b|\bassert\w{0,12}!?\s*[( ]|\bpanic!?\(|\b(?:invariant|require|check|precondition)\(|\.(?:parse|safeParse|validate|cast|asserts?)\(|\b(?:parse|validate|check|ensure|decode)[A-Z]\w{0,60}\(|\breturn\s+(?:nil,\s*)?(?:err\b|Err\(|(?:fmt\.Errorf|errors\.New)\()|\bbail!\(|\babort\(/
/** Matches code that makes a wrong value fit instead: a cast, or a limit. */
const MAKES_FIT =
  /\bas\s+(?!const\b|any\b|unknown\s*[;,)]|_\b)[A-Z][\w.<>[\]]{0,80}|\bas unknown as\b|\.clamp\(|\bclamp\(|\bMath\.(?:[mM]in|[mM]ax|Clamp|clamp)\(|\bstd::clamp\(|\b(?:max|min)\(\s*(?:-?\d|[\w.]{1,40},\s*(?:min|max)\()|\.coerce(?:In|AtLeast|AtMost)\(|\.(?:min|max)\(\s*self\.|\.(?:saturating|wrapping)_\w{1,10}\(|\bcast\(\s*["'\w]|\.clip\(|@ts-(?:ignore|expect-error)/
/** Matches code that shows a fallback when a page fails. */
const SHOWS_ELSE =
  /<\w{0,40}ErrorBoundary\b|\bcomponentDidCatch\b|\bgetDerivedStateFromError\b|\berrorElement\s*[=:]|\bonErrorCaptured\(|\brescue_from\s+(?:StandardError|Exception)\b/
/** Matches code that returns a part of a page. */
const SHOWS_PART = /^\s*return\s+\(?\s*<\w/
const MOST_SHOWN = 2
const MOST_LINES = 400

/**
 * Reports sources that return something where they failed before. It is a note with the lines, because a diff
 * cannot tell a fallback from a pretence.
 */
export function swallowedFailures({ file, role, isTest, hunks, removed }: ReadFile): readonly GuardFinding[] {
  if (role !== 'source' || isTest || file.status !== 'modified') return []
  const found = hunks.flatMap((lines) => swallowing(lines, removed))
  if (found.length === 0) return []
  const shown = found.slice(0, MOST_SHOWN).map((line) => inlineCode(line.trim(), 80))
  return [{ text: `\`${file.path}\` goes on where it failed before: ${shown.join(', ')}`, weight: 'note' }]
}

function swallowing(lines: readonly GuardedLine[], removed: readonly string[]): readonly string[] {
  const before = new Set(removed.slice(0, MOST_LINES).map((line) => withoutDefault(line)))
  const known = new Set(removed.map((line) => line.trim()))
  const now = lines.filter(({ sign }) => sign !== '-')
  const refusals = (wanted: GuardedLine['sign'], fit: RegExp) =>
    lines.slice(0, MOST_LINES).filter(({ sign, text }) => sign === wanted && fit.test(text)).length
  const refusesLess =
    refusals('-', REFUSES) > refusals('+', REFUSES) && refusals('+', MAKES_FIT) > refusals('-', MAKES_FIT)
  return now.slice(0, MOST_LINES).flatMap(({ sign, text }, at) => {
    if (sign !== '+' || known.has(text.trim())) return []
    if (RECOVERS.test(text) || SHOWS_ELSE.test(text)) return [text]
    if (refusesLess && MAKES_FIT.test(text)) return [text]
    if (HAS_DEFAULT.test(text) && before.has(withoutDefault(text))) return [text]
    const next = now[at + 1]?.text ?? ''
    return CATCHES_ALL.test(text) && (SAYS_NOTHING.test(next) || SHOWS_PART.test(next)) ? [text] : []
  })
}

/** The line without defaults and without Rust's `?`, so that lines with and without them can be compared. */
function withoutDefault(line: string): string {
  return squeezed(line.replace(OR_ELSE, '.')).replace(/[.?]/g, '')
}
