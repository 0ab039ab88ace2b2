import { isVerified, type Verdict, verdictOf } from '../../runs/summary/verdict.ts'
import type { NameList, Necessity, Regression, Verification, VerifiedCheck } from '../../runs/verification.ts'
import { counted } from '../../text/amounts.ts'
import { codeSpan, commandSpan, fenced } from '../../text/markdown/fenced.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'

const SIGNS = { good: '✅', neutral: '⚠️', bad: '❌' } as const satisfies Record<Verdict['tone'], string>

/** The verdict in one line, and what "verified" means. It is the first thing that a reviewer reads. */
export function verdictHeadline(verification: Verification): SafeMarkdown {
  const did = ownWords(isVerified(verification) ? 'Verified' : 'Tried')
  const where =
    verification.unverified === undefined
      ? safeMarkdown`<sub>${did} by Backspace in a clean sandbox that the agent never entered: commit ${codeSpan(verification.baseSha.slice(0, 7))} of ${codeSpan(verification.baseBranch)} with exactly the files of this change.</sub>`
      : NOTHING
  return joinSafe([safeMarkdown`### ${verdictLine(verdictOf(verification))}`, where], '\n\n')
}

/** `✅ Fixes 1 failing test`. */
export function verdictLine({ tone, line }: Pick<Verdict, 'tone' | 'line'>): SafeMarkdown {
  // The line consists of Backspace's own words and of code spans.
  return ownWords(`${SIGNS[tone]} ${line}`)
}

const MOST_LOOSE_DIFFS = 3
const MOST_DIFF = 1200
/** The most lines of each kind, since a repository may have 50 checks with many tests, and other parts need room, too. */
const MOST_FIXED = 10
const MOST_SAID = 20

/** Lists what the tests of the change prove, and what stays unproved. */
export function proofList(verification: Verification, options: OutboundOptions): SafeMarkdown {
  const { draft, remarks } = verdictOf(verification)
  const said = [...draft, ...remarks].map(
    (sentence) => safeMarkdown`- ${outboundItem(sentence, { ...options, maxChars: 600 })}`,
  )
  const fixed = fewOf(verification.checks.map(fixedLine), MOST_FIXED)
  const proof = [...fixed, regressionLine(verification.regression), necessityLine(verification.necessity)]
  const list = joinSafe([...proof, ...fewOf(said, MOST_SAID)], '\n')
  return joinSafe([list, looseDiffs(verification.necessity)], '\n\n')
}

function fewOf(lines: readonly SafeMarkdown[], most: number): readonly SafeMarkdown[] {
  const some = lines.filter((line) => line !== NOTHING)
  if (some.length <= most) return some
  return [...some.slice(0, most), safeMarkdown`- … and ${some.length - most} more`]
}

function fixedLine({ command, tests, steered }: VerifiedCheck): SafeMarkdown {
  if (tests === undefined || steered !== undefined || tests.newlyPassing.count === 0) return NOTHING
  return safeMarkdown`- ✅ ${commandSpan(command)}, failing before: ${names(tests.newlyPassing)}`
}

function regressionLine(regression: Regression | undefined): SafeMarkdown {
  if (regression === undefined || regression.held.count === 0) return NOTHING
  const { count } = regression.held
  const fail = ownWords(`${counted(count, 'test')} of it ${count === 1 ? 'fails' : 'fail'}`)
  return safeMarkdown`- ✅ With the source of this change taken out, ${fail}: ${names(regression.held)}`
}

function necessityLine(necessity: Necessity | undefined): SafeMarkdown {
  if (necessity === undefined || necessity.tried === 0) return NOTHING
  const { hunks, held, tried } = necessity
  const sign = held === tried ? '✅' : '⚠️'
  const some = `${tried} of ${counted(hunks, 'changed hunk')} ${tried === 1 ? 'was' : 'were'}`
  const taken = tried < hunks ? some : 'Each changed hunk was'
  const text = `${sign} ${taken} taken out alone: ${held} of ${tried} ${held === 1 || tried === 1 ? 'makes' : 'make'} a test fail`
  return safeMarkdown`- ${ownWords(text)}`
}

function names({ count, names: some }: NameList): SafeMarkdown {
  const shown = some.slice(0, 5).map((name) => codeSpan(name))
  const more = count - shown.length
  return joinSafe([...shown, more > 0 ? safeMarkdown`${more} more` : NOTHING], ', ')
}

function looseDiffs(necessity: Necessity | undefined): SafeMarkdown {
  const shown = (necessity?.loose ?? []).filter(({ diff }) => diff !== '').slice(0, MOST_LOOSE_DIFFS)
  if (shown.length === 0) return NOTHING
  const parts = shown.map(
    ({ path, diff }) => safeMarkdown`${codeSpan(path)}\n\n${fenced(diff.slice(0, MOST_DIFF), 'diff')}`,
  )
  return safeMarkdown`<details><summary>Hunks that no test needs</summary>\n\n${joinSafe(parts, '\n\n')}\n\n</details>`
}
