import { inlineCode } from '../../../text/markdown/fenced.ts'
import { linesNow } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type ReadFile,
  squeezed,
} from '../change/guarded-change.ts'

/** Matches a line that catches every error. */
const CATCHES_ALL =
  /^\s*(?:except\s*(?:\(?\s*(?:Base)?Exception\b.{0,40})?:|\}?\s*catch\s*(?:\(\s*(?:_|\w{1,20}|(?:final\s+)?(?:Exception|Throwable|\\Throwable|\\Exception)\s+\$?\w{1,20})\s*\)\s*)?\{\s*\}?|rescue\s*(?:=>\s*\w{1,20}|StandardError|Exception)?)\s*$/
const RECOVERS = /\bdefer\s+func\(\)\s*\{\s*(?:_\s*=\s*)?recover\(\)\s*;?\s*\}\(\)/
/** Matches a line that continues as if nothing had failed. */
const SAYS_NOTHING =
  /^\s*(?:(?:logging|_?log(?:ger)?|Log|console|self\.log(?:ger)?)\.\w{1,20}\(.{0,200}\);?|pass|\}|return(?:\s+(?:null|None|nil|undefined|true|false|True|False|""|''|\[\]|\{\}|0|-?\d+)(?:\s+as\s+[\w.<>[\]]{1,60}){0,2})?;?|nil|null|false|true|\[\]|\{\}|0|end)\s*$/
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
  const now = linesNow(lines)
  const refusals = (wanted: GuardedLine['sign'], fit: RegExp) =>
    lines.slice(0, MOST_LINES).filter(({ sign, text }) => sign === wanted && fit.test(text)).length
  const refusesLess =
    refusals('-', REFUSES) > refusals('+', REFUSES) && refusals('+', MAKES_FIT) > refusals('-', MAKES_FIT)
  return now.slice(0, MOST_LINES).flatMap(({ sign, text }, at) => {
    if (sign !== '+' || known.has(text.trim())) return []
    if (RECOVERS.test(text) || SHOWS_ELSE.test(text)) return [text]
    if (refusesLess && MAKES_FIT.test(text)) return [text]
    if (HAS_DEFAULT.test(text) && before.has(withoutDefault(text))) return [text]
    if (settlesAll(lines, text) || decidesByLess(lines, text)) return [text]
    if (DROPS.test(text) && dropsFailure(lines, text)) return [text]
    if (LOGS.test(text) && logsInPlace(lines, text)) return [text]
    const next = now[at + 1]?.text ?? ''
    return CATCHES_ALL.test(text) && (SAYS_NOTHING.test(next) || SHOWS_PART.test(next)) ? [text] : []
  })
}

const DECIDES =
  /\b(?:function|def|fn|func|fun|bool|boolean)\b.{0,60}\b_?(?:is|has|can|valid\w*|verif\w*|check\w*|allow\w*|auth\w*|permit\w*)(?:[A-Z_]\w*)?\??\s*[(<]/
const AND = /&&|\band\b/g

/** True if a kept function that decides something asks for fewer conditions. */
function decidesByLess(lines: readonly GuardedLine[], text: string): boolean {
  if (!/^\s*return\b/.test(text)) return false
  const at = lines.findIndex((one) => one.sign === '+' && one.text === text)
  const near = lines.slice(Math.max(0, at - 4), at)
  const conditions = (line: string) => [...line.matchAll(AND)].length
  return (
    near.some((one) => one.sign === ' ' && DECIDES.test(one.text)) &&
    near.some(
      (one) => one.sign === '-' && /^\s*return\b/.test(one.text) && conditions(one.text) > conditions(text),
    )
  )
}

/** Matches what waits for several calls and keeps their failures to itself. */
const SETTLES_ALL = /\bPromise\.allSettled\(|,\s*return_exceptions\s*=\s*True\b/

/** True if calls whose first failure was thrown are now waited for, whatever became of them. */
function settlesAll(lines: readonly GuardedLine[], text: string): boolean {
  const bare = (line: string) =>
    squeezed(line.replace('allSettled(', 'all(').replace(/,\s*return_exceptions\s*=\s*True\b/, ''))
  return SETTLES_ALL.test(text) && lines.some((one) => one.sign === '-' && bare(one.text) === bare(text))
}

/** Captures the call whose error or result a line throws away. */
const DROPS = /^\s*(?:_(?:,\s*_)?|let\s+_)\s*:?=\s*([\w.:]{2,100}\(.{0,200}\))\s*;?\s*$/
const ASKS_FOR_ERROR = /\berr\b|\?\s*;?\s*$|\.unwrap\(|\.expect\(/

/** True if the error of a call that was looked at before is thrown away. */
function dropsFailure(lines: readonly GuardedLine[], text: string): boolean {
  const call = squeezed(DROPS.exec(text)?.[1] ?? '')
  return lines.some(
    (one) => one.sign === '-' && ASKS_FOR_ERROR.test(one.text) && squeezed(one.text).includes(call),
  )
}

const LOGS =
  /^\s*(?:logging|_?log(?:ger)?|Log|LOG|slog|console|warnings|self\.log(?:ger)?|this\.log(?:ger)?|tracing)(?:\.|::)\w{1,20}!?\(|^\s*(?:warn|error|info|debug|eprintln|trace)!\(/
const THROWS =
  /^\s*(?:raise\b|throw\b|panic!?\(|bail!\(|return\s+(?:nil,\s*)?(?:err\b|Err\(|fmt\.Errorf|errors\.New))/

/** True if a line that writes to a log has the place of one that failed. */
function logsInPlace(lines: readonly GuardedLine[], text: string): boolean {
  const at = lines.findIndex((one) => one.sign === '+' && one.text === text)
  const stays = lines.slice(at + 1, at + 4).some((one) => one.sign !== '-' && THROWS.test(one.text))
  return (
    !stays &&
    lines
      .slice(Math.max(0, at - 4), at)
      .some((one) => one.sign === '-' && THROWS.test(one.text) && indentOf(one.text) === indentOf(text))
  )
}

/** The line without defaults and without Rust's `?`, so that lines with and without them can be compared. */
function withoutDefault(line: string): string {
  return squeezed(line.replace(OR_ELSE, '.')).replace(/[.?]/g, '')
}
