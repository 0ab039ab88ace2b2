import { readDiff } from '../../../text/read-diff.ts'
import { type GuardedLine, hunksWithTexts, type ReadFile } from './guarded-change.ts'

const OPENS = /^(\s*)(?:pub(?:\([\w:]{1,20}\))?\s+)?mod\s+\w+\s*\{\s*$/
const OF_TESTS = /^\s*#\[cfg\((?:test|all\(test,.{0,200}\))\)\]/
const IN_FRONT = /^\s*(?:#!?\[|\/\/)/

/**
 * Rust keeps tests in the files of its sources. Such a file is read as two: the source, and the modules for tests in it, so that
 * every rule for test files holds for them.
 */
export function withInlineTests(read: ReadFile): readonly ReadFile[] {
  const { file, isTest, isWhole, hunks } = read
  if (isTest || isWhole || !file.path.endsWith('.rs') || !file.bytes || file.status === 'added') return [read]
  const ofTests = linesOfTests(Buffer.from(file.bytes).toString('utf8').split('\n'))
  if (ofTests.size === 0) return [read]
  const starts = readDiff(file.diff).flatMap((one) => one.hunks.map(({ newStart }) => newStart))
  const inside: (readonly GuardedLine[])[] = []
  const outside: (readonly GuardedLine[])[] = []
  for (const [at, lines] of hunks.entries()) {
    // A removed line has the place of the line that follows it.
    let number = starts[at] ?? 1
    const isInside = lines.map(({ sign }) => ofTests.has(sign === '-' ? number : number++))
    inside.push(lines.filter((_, index) => isInside[index]))
    outside.push(lines.filter((_, index) => !isInside[index]))
  }
  if (inside.flat().every(({ sign }) => sign === ' ')) return [read]
  return [
    { ...read, ...withoutEmpty(outside) },
    { ...read, isTest: true, role: 'test', ...withoutEmpty(inside) },
  ]
}

function withoutEmpty(hunks: readonly (readonly GuardedLine[])[]): ReturnType<typeof hunksWithTexts> {
  return hunksWithTexts(hunks.filter(({ length }) => length > 0))
}

/** The numbers of the lines of modules that are compiled for tests alone, with their attributes, counted from 1. */
function linesOfTests(lines: readonly string[]): ReadonlySet<number> {
  const numbers = new Set<number>()
  let end: string | undefined
  let inFront: number[] = []
  for (const [at, line] of lines.entries()) {
    if (end !== undefined) {
      numbers.add(at + 1)
      if (line.trimEnd() === end) end = undefined
      continue
    }
    const indent = OPENS.exec(line)?.[1]
    if (inFront.length > 0 && indent !== undefined) {
      end = `${indent}}`
      for (const number of [...inFront, at + 1]) numbers.add(number)
    }
    if (OF_TESTS.test(line) || (inFront.length > 0 && IN_FRONT.test(line))) inFront.push(at + 1)
    else inFront = []
  }
  return numbers
}
