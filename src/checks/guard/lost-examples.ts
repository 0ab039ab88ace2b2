import { mentions } from './gone-names.ts'
import { countMatches, type GuardFinding, type ReadChange } from './guarded-change.ts'

/** Rust: matches an assertion of an example in a comment, which runs as a test. */
const ASSERTS = /^\s*\/\/[/!]\s*(?:#\s*)?assert(?:_\w{1,20})?!\s*[({[]/
/** Matches comments and attributes in front of a definition. */
const IN_FRONT = /^\s*(?:\/\/[/!]|#!?\[)/

/**
 * Notes assertions that go from the examples of Rust sources, while what they document stays.
 *
 * @param gone names that the change removes from the code.
 */
export function lostExamples({ files }: ReadChange, gone: ReadonlySet<string>): readonly GuardFinding[] {
  return files.flatMap(({ file, added, removed, hunks }): readonly GuardFinding[] => {
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
