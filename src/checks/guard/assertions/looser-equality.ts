import { inlineCode } from '../../../text/markdown/fenced.ts'
import type { GuardedLine, GuardFinding, ReadFile } from '../change/guarded-change.ts'

/** Matches the definition of equality for a type, in the common languages. */
const SAYS_EQUAL =
  /\bimpl(?:<[^>]{0,80}>)?\s+PartialEq\b|\bboolean\s+equals\(\s*(?:final\s+)?Object\b|\boverride\s+fun\s+equals\(|\b(?:override|virtual)\s+bool\s+Equals\(|\bdef\s+(?:__eq__\(|==|eql\?)|\bfunc\s+\([^)]{1,80}\)\s+(?:Equal|Equals)\(|\bstatic\s+func\s+==|\bbool\s+operator\s?==\s?\(/
/** Matches a body that returns true whatever is compared. */
const ALWAYS = /^\s*(?:return\s+)?(?:true|True)\s*;?\s*\}?\s*$/
/** The most lines between a definition and its result. */
const REACH = 4

/**
 * Reports existing sources that now define equality for a type, since each `assertEqual` uses that
 * definition. It is a reason if the definition always returns true, else a note with the line, because people
 * define equality for good reasons.
 */
export function looserEquality({ file, role, isTest, hunks, removed }: ReadFile): readonly GuardFinding[] {
  if (role !== 'source' || isTest || file.status !== 'modified') return []
  if (removed.some((line) => SAYS_EQUAL.test(line))) return []
  for (const lines of hunks) {
    const at = lines.findIndex(({ sign, text }) => sign === '+' && SAYS_EQUAL.test(text))
    const text = lines[at]?.text
    if (text === undefined) continue
    const weight = answersYes(lines, at) ? 'reason' : 'note'
    return [{ text: `\`${file.path}\` says itself what is equal: ${inlineCode(text.trim(), 80)}`, weight }]
  }
  return []
}

function answersYes(lines: readonly GuardedLine[], at: number): boolean {
  const body = lines
    .slice(at + 1, at + 1 + REACH)
    .filter(({ sign, text }) => sign !== '-' && !/^\s*(?:fn\s.{1,200}\{|\{|"""|#|\/\/|type\s)/.test(text))
  return ALWAYS.test(body[0]?.text ?? '')
}
