import { posix } from 'node:path'
import { blockBelow, headAbove, linesNow } from '../change/around-line.ts'
import type { GuardedLine, GuardFinding, ReadChange, ReadFile } from '../change/guarded-change.ts'

const MODIFIERS = /\b(?:public|internal|private|protected|final|sealed|open|static|partial|abstract)\s+/g
/** Captures the name of a class. */
const CLASS =
  /^\s*(?:(?:public|internal|private|protected|final|sealed|open|static|partial|abstract)\s+)*class\s+(\w{1,100})/
/** Matches tests of runners of .NET that pass over classes which are not public. */
const ONLY_PUBLIC = /\[(?:Fact|Theory|TestClass|TestMethod)\b/
/** Java and Kotlin: matches a class in another one, which JUnit passes over without `@Nested`. */
const INNER = /^\s+(?:(?:final|inner|public|open)\s+)*class\s+\w{1,100}[^;]*\{\s*$/
/** Python: matches a class whose tests pytest collects unless it has a constructor. */
const COLLECTED = /^\s*class\s+Test\w*\s*(?:\((?!.*TestCase).*\))?\s*:/
/** The most lines between the first line of a class and its first test. */
const BELOW = 12
const MOST_ABOVE = 200
const MOST_HEADS = 50

/** Reports classes of existing tests that a change turns into ones which a runner passes over: abstract, not public, nested. */
export function closedClasses({ files }: ReadChange): readonly GuardFinding[] {
  const added = files.flatMap((one) => one.added)
  return files.flatMap((read): readonly GuardFinding[] => {
    const { file, isTest, marks } = read
    if (!isTest || marks === undefined || file.status === 'added' || file.status === 'deleted') return []
    const isClosed =
      (/\.(?:java|kt|cs|php)$/.test(file.path) && closes(read, added)) ||
      (/\.(?:java|kt)$/.test(file.path) && read.hunks.some((lines) => nests(lines, marks.test))) ||
      (/\.py$/.test(file.path) && read.hunks.some(constructs))
    const text = `\`${file.path}\` has a class whose tests an ordinary run no longer finds`
    return isClosed ? [{ text, weight: 'reason' }] : []
  })
}

function closes({ file, removed, added: lines }: ReadFile, added: readonly string[]): boolean {
  // The class of the tests has the name of its file; others are what tests work with.
  const name = posix.basename(file.path).replace(/\..*$/, '')
  const heads = (some: readonly string[]) =>
    some.filter((line) => CLASS.exec(line)?.[1] === name).slice(0, MOST_HEADS)
  const bare = (line: string) => line.replace(MODIFIERS, '').trim()
  const before = new Map(heads(removed).map((line) => [bare(line), line]))
  const closed = (word: RegExp, isGone: boolean) =>
    heads(lines).some((line) => {
      const old = before.get(bare(line))
      return old !== undefined && word.test(old) === isGone && word.test(line) !== isGone
    })
  if (file.path.endsWith('.cs') && closed(/\bpublic\b/, true))
    return ONLY_PUBLIC.test(Buffer.from(file.bytes ?? '').toString('utf8'))
  // A class with new subclasses runs its tests in them.
  const extended = new RegExp(`(?:\\bextends|:|<)\\s*${RegExp.escape(name)}\\b`)
  return closed(/\babstract\b/, false) && !added.some((one) => extended.test(one))
}

function nests(lines: readonly GuardedLine[], test: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !INNER.test(text)) return false
    const inFront = now.slice(Math.max(0, at - 3), at)
    return (
      !inFront.some((one) => /@Nested\b/.test(one.text)) &&
      blockBelow(now, at, BELOW).some((one) => test.test(one.text))
    )
  })
}

function constructs(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !/^\s+def\s+__(?:init|new)__\s*\(/.test(text)) return false
    const owner = headAbove(now, at, MOST_ABOVE)
    return owner?.sign === ' ' && COLLECTED.test(owner.text)
  })
}
