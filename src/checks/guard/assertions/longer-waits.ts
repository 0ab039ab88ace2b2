import { inlineCode } from '../../../text/markdown/fenced.ts'
import type { GuardFinding, KeptTest } from '../change/guarded-change.ts'

const TIMEOUT =
  /\bjest\.setTimeout\(|\b(?:t|testT|hookT)imeout\b(?!\w*\()|\.timeout\(|^\s*\}\s*,\s*\d[\d_]{2,9}\s*\)\s*;?\s*$/
const NUMBER = /\b\d[\d_]*(?:\.\d+)?/g
/** A limit that grows by this factor is more than an allowance for slow machines. */
const MUCH = 10
/** Matches calls that wait a fixed time. */
const SLEEPS =
  /\btime\.[sS]leep\(|\basyncio\.sleep\(\s*(?!0\s*\))|\b(?:std::)?this_thread::sleep_\w{1,10}\(|\b(?:thread|tokio::time)::sleep\(|\bThread\.[sS]leep\(|\bTask\.(?:Delay|sleep)\(|\bawait\s+(?:sleep|delay|wait|setTimeout|timers\.setTimeout)\(\s*\d|\bsetTimeout\(\s*(?:resolve|res|done|r|ok)\b|\bwaitForTimeout\(|\bcy\.wait\(\s*\d|^\s*(?:u?sleep|delay)[ (]\s*\d|\bProcess\.sleep\(|\bTimer?\.sleep\(/
const MOST_SHOWN = 2

/**
 * Reports time limits that grow out of proportion (a reason), and new sleeps, which may only hide a race (a
 * note with the lines).
 */
export function longerWaits({ file, added, removed }: KeptTest): readonly GuardFinding[] {
  const findings: GuardFinding[] = []
  if (givesMuchMoreTime(removed, added))
    findings.push({ text: `\`${file.path}\` gives tests much more time than before`, weight: 'reason' })
  const sleeps = (lines: readonly string[]) => lines.filter((line) => SLEEPS.test(line))
  const [now, before] = [sleeps(added), sleeps(removed)]
  if (now.length > before.length) {
    const known = new Set(before.map((line) => line.trim()))
    const fresh = now.filter((line) => !known.has(line.trim())).slice(0, MOST_SHOWN)
    const shown = fresh.map((line) => inlineCode(line.trim(), 80)).join(', ')
    if (shown !== '')
      findings.push({ text: `\`${file.path}\` waits a fixed time in its tests: ${shown}`, weight: 'note' })
  }
  return findings
}

/**
 * True if a line differs only in its numbers, and a limit grows by that factor or becomes 0, which means no
 * limit.
 */
function givesMuchMoreTime(removed: readonly string[], added: readonly string[]): boolean {
  const numbers = (line: string) => (line.match(NUMBER) ?? []).map((one) => Number(one.replaceAll('_', '')))
  const before = new Map(
    removed.flatMap((line) => (TIMEOUT.test(line) ? [[withoutNumbers(line), numbers(line)] as const] : [])),
  )
  if (before.size === 0) return false
  return added.some((line) => {
    const old = before.get(withoutNumbers(line)) ?? []
    const now = old.length === 0 ? [] : numbers(line)
    return old.some((value, at) => {
      const next = now[at] ?? value
      return next >= MUCH * Math.max(value, 1) || (next === 0 && value > 0)
    })
  })
}

function withoutNumbers(line: string): string {
  return line.replace(NUMBER, '0').replace(/\s+/g, '')
}
