import { inlineCode } from '../../../text/markdown/fenced.ts'
import {
  countMatches,
  type GuardedLine,
  type GuardFinding,
  type KeptTest,
  squeezed,
  textsOf,
} from '../change/guarded-change.ts'

/** Matches what makes a test fail when a program, a request or a stand-in did. */
const ASKS =
  /^\s*[\w.()]{1,80}\.(?:raise_for_status|EnsureSuccessStatusCode|ensureSuccessStatusCode)\(\)\s*;?\s*$|\bonUnhandledRequest\s*:\s*['"]error['"]|\bnock\.disableNetConnect\(|\bWebMock\.disable_net_connect!|\bStrictness\.STRICT_STUBS\b|^\s*\w{0,40}[sS]cope\w{0,20}\.done\(\)\s*;?\s*$|\bassert_all_requests_are_fired\b|^\s*setup\s+:verify_on_exit!|^\s*setup\s+\{Mox,\s*:verify_on_exit!/
const CHECKS = /\bcheck\s*=\s*True\b/
const CHECKS_NOT = /,?\s*\bcheck\s*=\s*(?:True|False)\b/

/** Matches stand-ins that answer what no one asked them to. */
const ANSWERS_ALL =
  /\bStrictness\.LENIENT\b|\bMockBehavior\.Loose\b|\bstubFor\(\s*any\(\s*anyUrl\(\)|\bhttp\.all\(\s*['"]\*['"]/

/** Reports existing tests that no longer ask whether something failed, and notes stand-ins that answer everything. */
export function unaskedFailures({ file, hunks, added, removed, marks }: KeptTest): readonly GuardFinding[] {
  const drops =
    (/\.rs$/.test(file.path) && dropsResult(added, removed)) ||
    hunks.some(
      (lines) =>
        dropsCheck(lines) ||
        (losesQuestion(lines) && !lines.some(({ sign, text }) => sign === '-' && marks.test.test(text))),
    )
  if (drops) return [{ text: `\`${file.path}\` no longer asks whether something failed`, weight: 'reason' }]
  const kept = new Set(removed.map((line) => line.trim()))
  const lenient = added.find((line) => ANSWERS_ALL.test(line) && !kept.has(line.trim()))
  if (lenient === undefined) return []
  const text = `\`${file.path}\` has stand-ins that answer more than before: ${inlineCode(lenient.trim(), 80)}`
  return [{ text, weight: 'note' }]
}

function losesQuestion(lines: readonly GuardedLine[]): boolean {
  const [gone, now] = [textsOf(lines, '-'), textsOf(lines, '+')]
  return (
    countMatches(gone, ASKS) > countMatches(now, ASKS) &&
    !now.some((text) => /\b(?:assert|refute|expect)/i.test(text))
  )
}

/** Python: true if a program is started as before, but may fail. */
function dropsCheck(lines: readonly GuardedLine[]): boolean {
  const bare = (text: string) => squeezed(text.replace(CHECKS_NOT, ''))
  const gone = new Set(
    textsOf(lines, '-')
      .filter((text) => CHECKS.test(text))
      .map(bare),
  )
  return textsOf(lines, '+').some((text) => !CHECKS.test(text) && gone.has(bare(text)))
}

/** Rust: true if a result that had to be `Ok` is now ignored. */
function dropsResult(added: readonly string[], removed: readonly string[]): boolean {
  const asked = new Set(
    removed.flatMap((line) => {
      const call = /^\s*([\w(&*].{2,300}?)(?:\.(?:unwrap\(\)|expect\([^()]{0,100}\))|\?);\s*$/.exec(line)?.[1]
      return call === undefined ? [] : [squeezed(call)]
    }),
  )
  return added.some((line) => {
    const call = /^\s*let\s+_\s*=\s*([\w(&*].{2,300});\s*$/.exec(line)?.[1]
    return call !== undefined && asked.has(squeezed(call))
  })
}
