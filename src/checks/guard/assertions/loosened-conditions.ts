import type { TestMarks } from '../../test-marks.ts'
import { type GuardedLine, squeezed } from '../change/guarded-change.ts'

/**
 * Go: matches a comparison with a value that is neither an error nor a truth value. Its negation is another
 * question.
 */
const OTHER_VALUE = /!=\s*(?!nil\b|true\b|false\b|""|0\b)\S/
/** Go: matches comparisons of two whole values. */
const WHOLE = /\b(?:DeepEqual|cmp\.(?:Diff|Equal)|(?:slices|maps|bytes)\.Equal)\(/
/** The most lines between a condition of before and the one in its place. */
const ABOVE = 3
const IF = /^\s*if (.{1,300}) \{$/
/** Matches a check for nil alone. */
const IS_NIL = /^(\w{1,60}) == nil$/

/**
 * Go: true if a condition in front of `t.Error` fails for fewer results than before. `if err != nil || got !=
 * want {` does so without one of its parts, and never fails with `false`.
 */
export function loosensCondition(lines: readonly GuardedLine[], { assertion }: TestMarks): boolean {
  return lines.some(({ sign, text }, at) => {
    const now = sign === '+' ? IF.exec(text)?.[1] : undefined
    if (now === undefined || !assertion.test(lines[at + 1]?.text ?? '')) return false
    const old = lines
      .slice(Math.max(0, at - ABOVE), at)
      .flatMap((one) => (one.sign === '-' ? (IF.exec(one.text)?.[1] ?? []) : []))
    return old.some((one) => asksForLess(one, now))
  })
}

function asksForLess(old: string, now: string): boolean {
  const name = IS_NIL.exec(now)?.[1]
  if (name !== undefined && !/\bnil\b/.test(old) && new RegExp(`\\b${name}\\b`).test(old)) return true
  if (/\bfalse\b/.test(now) && !/\bfalse\b/.test(old)) return true
  if (/(?:^|[\s;&|])(\w[\w.]{0,60}) != \1(?![\w.([])/.test(now)) return true
  const whole = /^([\w.]{1,60}) != /.exec(old)?.[1]
  const part = /^!(?:strings|bytes)\.(?:Contains\w{0,4}|HasPrefix|HasSuffix|EqualFold)\(([\w.]{1,60}),/.exec(
    now,
  )?.[1]
  if (whole !== undefined && whole === part) return true
  const [parts, left] = [old, now].map((one) => one.split('||').map(squeezed))
  if (WHOLE.test(old) && !WHOLE.test(now) && /\blen\(/.test(now) && !/\blen\(/.test(old)) return true
  if (parts && left && left.length < parts.length) return left.every((one) => parts.includes(one))
  if (now.split('&&').length > old.split('&&').length) return squeezed(now).includes(squeezed(old))
  const [was, is] = [old, now].map((one) => (one.split(/!=|==|[<>]=?/)[0] ?? '').trim())
  return (
    was === is && old.includes('!=') && !now.includes('!=') && (/[<>]/.test(now) || OTHER_VALUE.test(old))
  )
}
