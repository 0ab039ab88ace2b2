import type { GuardedLine, GuardFinding, ReadFile } from './guarded-change.ts'

const WAITS = /^(?:return|await)\s+(?:await\s+)?(.{3,})$/
const COMES_LATER = /\.(?:then|catch|finally)\(|\b(?:expect|assert|request|waitFor)\w*\(/
/** Says how many assertions a test must reach. */
const PLANNED = /\b(?:expect\.assertions|expect\.hasAssertions|assert\.expect|t\.plan)\(\s*(\d{0,4})/
const REACH = 6

/** Assertions that a test of before no longer waits for, or no longer counts: it ends before they fail. */
export function unwaitedAssertions({
  file,
  isTest,
  marks,
  hunks,
  added,
  removed,
}: ReadFile): readonly GuardFinding[] {
  if (!isTest || !marks || file.status === 'added' || file.status === 'deleted') return []
  const reason = (what: string) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }) as const
  const findings: GuardFinding[] = []
  if (hunks.some((lines) => waitsNoMore(lines, marks.assertion)))
    findings.push(reason('no longer waits for what it asserts'))
  const asserts = added.some((line) => marks.assertion.test(line) && !PLANNED.test(line))
  if (hunks.some((lines) => plansFewer(lines, asserts)) && !removed.some((line) => marks.test.test(line)))
    findings.push(reason('no longer asks that its assertions are reached'))
  return findings
}

function waitsNoMore(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  return lines.some(({ sign, text }, at) => {
    const rest = sign === '-' ? WAITS.exec(text.trim())?.[1] : undefined
    if (rest === undefined || !COMES_LATER.test(rest)) return false
    const near = lines.slice(Math.max(0, at - REACH), at + 3 * REACH)
    const now = near.findIndex((one) => one.sign === '+' && one.text.trim() === rest)
    if (now === -1) return false
    const below = near.slice(now, now + REACH).filter((one) => one.sign !== '-')
    return below.some((one) => assertion.test(one.text))
  })
}

function plansFewer(lines: readonly GuardedLine[], asserts: boolean): boolean {
  const plans = (wanted: GuardedLine['sign']) =>
    lines.flatMap(({ sign, text }) => {
      const found = sign === wanted ? PLANNED.exec(text) : null
      return found ? [found[1] ? Number(found[1]) : 1] : []
    })
  const [before, now] = [plans('-'), plans('+')]
  if (before.length === 0) return false
  return now.length === 0 ? !asserts : now.includes(0) && !before.includes(0)
}
