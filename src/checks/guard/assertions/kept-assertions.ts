import { strengthOf } from '../../assertion-strength.ts'
import { squeezedCode } from '../../read-assertion.ts'
import type { GuardedLine } from '../change/guarded-change.ts'

const NAME = /[A-Za-z_$][\w$]{0,99}/g
const STRING = /"(?:[^"\\]|\\.){0,300}"|'(?:[^'\\]|\\.){0,300}'|`(?:[^`\\]|\\.){0,300}`/g
const NUMBER = /\b\d[\d_.]{0,40}\b/g
/** Matches words that say how something is asserted, not what. */
const WORDS =
  /^(?:expect\w*|assert\w*|Assert\w*|ASSERT\w*|EXPECT\w*|to|be|is|self|this|await|async|return|t|not|deep|should|that|and|calledOnce|to[A-Z]\w*|is[A-Z]\w*|[eE]qual\w*|require|eq|eql|strict\w*|deep\w*|same|Same|in|Enum|sort|sorted|toSorted)$/
const ONCE = /Once/

/**
 * Leaves out removed assertions that one new assertion covers: it has all their names and values, and is no
 * weaker.
 *
 * @param removed all removed lines: the result of a call that had a name may be asserted without one now.
 */
export function withoutMerged(
  lost: readonly string[],
  fresh: readonly string[],
  removed: readonly string[],
): { readonly lost: readonly string[]; readonly fresh: readonly string[] } {
  const facts = fresh.slice(0, MOST).map((one) => ({
    one,
    names: namesIn(one),
    values: valuesIn(one),
    strength: strengthOf(one),
    squeezed: squeezedCode(one),
  }))
  const used = new Set<string>()
  const inlined = new Map(removed.flatMap((line) => resultIn(line) ?? []))
  const left = lost.filter((old, at) => {
    if (at >= MOST) return true
    const [names, values, strength] = [namesIn(old), valuesIn(old), strengthOf(old)]
    const squeezed = squeezedCode(old)
    const called = new Set([...names].map((name) => inlined.get(name) ?? name))
    const holder = facts.find(
      (now) =>
        now.strength >= strength &&
        now.squeezed !== squeezed &&
        (names.isSubsetOf(now.names) || called.isSubsetOf(now.names)) &&
        values
          .values()
          .every(
            (value) =>
              now.values.has(value) ||
              now.names.has(value.slice(1, -1)) ||
              (value === '1' && ONCE.test(now.one)),
          ),
    )
    if (holder === undefined || names.size === 0) return true
    used.add(holder.one)
    return false
  })
  return { lost: left, fresh: fresh.filter((one) => !used.has(one)) }
}

const MOST = 200
const RESULT =
  /^\s*(?:(?:const|let|var|val|auto|final)\s+)?(\w{1,60})\s*:?=\s*(?:await\s+)?(?:[\w.]{1,80}\.)?(\w{1,80})\(/

/** A variable, and the function whose result it holds. */
function resultIn(line: string): readonly (readonly [string, string])[] | undefined {
  const [, name, called] = RESULT.exec(line) ?? []
  return name === undefined || called === undefined ? undefined : [[name, called]]
}

function namesIn(statement: string): ReadonlySet<string> {
  const code = statement.replace(STRING, '""')
  return new Set((code.match(NAME) ?? []).filter((name) => !WORDS.test(name)))
}

function valuesIn(statement: string): ReadonlySet<string> {
  const strings = statement.match(STRING) ?? []
  return new Set([...strings, ...(statement.replace(STRING, '""').match(NUMBER) ?? [])])
}

/** Capture the name in an assertion that only asks whether a value exists or has a type. */
const IS_THERE = [
  /^\s*assert\s+([\w.]{1,100})\s*(?:is\s+not\s+None\s*)?$/,
  /^\s*assert\s+isinstance\(\s*([\w.]{1,100})\s*,/,
  /^\s*(?:expect|assertThat)\(\s*([\w.]{1,100})\s*\)\.(?:toBeDefined|toBeTruthy|not\.toBeNull|not\.toBeUndefined|isNotNull)\(\)/,
  /^\s*(?:self\.)?assert\w{0,10}NotN(?:ull|one|il)\(\s*([\w.]{1,100})\s*\)/,
  /^\s*(?:require|assert)\.NotNil\(\s*t,\s*([\w.]{1,100})\s*[,)]/,
] as const

/** The most lines of a hunk that are searched. */
const MOST_LOOKED_FOR = 2000

/**
 * True if the assertion only asks whether a value exists, and the remaining lines use that value, so that
 * they fail without it.
 */
export function isUsedAnyway(statement: string, hunks: readonly (readonly GuardedLine[])[]): boolean {
  const name = IS_THERE.map((pattern) => pattern.exec(statement)?.[1]).find((one) => one !== undefined)
  if (name === undefined) return false
  return hunks.some((lines) =>
    lines
      .slice(0, MOST_LOOKED_FOR)
      .some(({ sign, text }) => sign !== '-' && (text.includes(`${name}.`) || text.includes(`${name}[`))),
  )
}
