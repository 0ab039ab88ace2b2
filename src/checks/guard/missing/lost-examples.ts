import { linesNow } from '../change/around-line.ts'
import { mentions } from '../change/gone-names.ts'
import {
  countMatches,
  type GuardedLine,
  type GuardFinding,
  type ReadChange,
} from '../change/guarded-change.ts'

/** Rust: matches an assertion of an example in a comment, which runs as a test. */
const ASSERTS = /^\s*\/\/[/!]\s*(?:#\s*)?assert(?:_\w{1,20})?!\s*[({[]/
/** Matches comments and attributes in front of a definition. */
const IN_FRONT = /^\s*(?:\/\/[/!]|#!?\[)/

/** Files that hold examples of Python, which doctest runs. */
const IN_PYTHON = /\.(?:pyx?|rst|md|txt)$/
const EXAMPLE = /^\s*>>>\s/
const OPTION = /\s*#\s*doctest:.*$/

/** True if an example of before is now skipped, or has dots alone in the place of its output. */
function takesAnyOutput(lines: readonly GuardedLine[]): boolean {
  const gone = new Set(
    lines.flatMap(({ sign, text }) =>
      sign === '-' && EXAMPLE.test(text) ? [text.replace(OPTION, '').trim()] : [],
    ),
  )
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (!EXAMPLE.test(text)) return false
    const isOld = sign === ' ' || gone.has(text.replace(OPTION, '').trim())
    const next = now[at + 1]
    const isDots = next?.sign === '+' && /^\s*\.\.\.\s*$/.test(next.text) && /ELLIPSIS/.test(text)
    return isOld && sign === '+' && (/doctest:.*\+SKIP\b/.test(text) || isDots)
  })
}

/**
 * Reports examples of Python that take any output. Notes assertions that go from the examples of Rust sources, while what they document stays.
 *
 * @param gone names that the change removes from the code.
 */
export function lostExamples({ files }: ReadChange, gone: ReadonlySet<string>): readonly GuardFinding[] {
  return files.flatMap(({ file, added, removed, hunks }): readonly GuardFinding[] => {
    if (file.status === 'modified' && IN_PYTHON.test(file.path) && hunks.some(takesAnyOutput))
      return [{ text: `\`${file.path}\` has examples that take any output`, weight: 'reason' }]
    if (!file.path.endsWith('.rs') || file.status === 'deleted') return []
    const lost = removed.filter((line) => ASSERTS.test(line) && !mentions(line, gone))
    if (lost.length <= countMatches(added, ASSERTS)) return []
    const isOfKept = hunks.some((lines) =>
      lines.some(({ sign, text }, at) => {
        if (sign !== '-' || !ASSERTS.test(text)) return false
        return lines.slice(at).find((one) => !IN_FRONT.test(one.text))?.sign !== '-'
      }),
    )
    const text = `\`${file.path}\` has examples that assert less than before`
    return isOfKept ? [{ text, weight: 'note', isForReviewers: true }] : []
  })
}
