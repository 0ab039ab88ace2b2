import { posix } from 'node:path'
import { inlineCode } from '../../../text/markdown/fenced.ts'
import type { GuardFinding, ReadChange, ReadFile } from '../change/guarded-change.ts'
import { isSetup } from '../settings/rigged-runner.ts'

/** Matches the names of assertion libraries. */
const LIBRARY =
  /\b(?:assertj|junit|hamcrest|truth|testng|kotest|kotlin\.test|chai|vitest|@jest|node:assert|expect|power-assert|should|uvu|testify|gotest\.tools|unittest|pytest|NUnit|Xunit|FluentAssertions|Shouldly)\b|['"]assert['"]/i
/**
 * Imports of Java and Kotlin, JavaScript, and Python, with the groups that capture the names and their
 * source.
 */
const IMPORTS: readonly { readonly pattern: RegExp; readonly names: number; readonly from: number }[] = [
  { pattern: /^\s*import\s+(?:static\s+)?([\w.]{1,200})\.(\w{1,60});?\s*$/, names: 2, from: 1 },
  { pattern: /^\s*import\s+(.{1,200}?)\s+from\s+['"]([^'"]{1,200})['"]/, names: 1, from: 2 },
  { pattern: /^\s*from\s+([\w.]{1,200})\s+import\s+(.{1,200}?)\s*$/, names: 2, from: 1 },
]
const ASSERTS = /\b(?:expect|assert\w{0,40}|should|verify|require|test|it)\b/g
/**
 * Matches calls that decide how values are written into snapshots. A part that is left out there is never
 * compared.
 */
const SERIALIZES =
  /\bexpect\.addSnapshotSerializer\(|\b(?:addSerializer|registerSerializer)\(|\binsta::Settings\b|\badd_redaction\(/
/** Matches attributes of .NET that decide how an assembly orders or runs its tests. */
const OF_ASSEMBLY =
  /^\s*\[assembly:\s*(?:\w{1,40}\.){0,4}(?:TestCollectionOrderer|TestCaseOrderer|CollectionBehavior|TestFramework|Parallelizable|LevelOfParallelism|AssemblyFixture)\b/
/** Matches imports and re-exports. */
const HANDS_ON = /^\s*import\b|\bfrom\s|\brequire\(/
/** Matches code that keeps what was thrown. */
const CATCHES = /\bcatch\b|\bexcept\b/
const MOST_CHARS = 20_000

/**
 * Reports code that a change puts between tests and their assertions. It is a reason if tests import
 * assertions, or the function that defines a test, from a file that the change adds and that does not use the library they had, or that
 * catches what it throws. How snapshots are
 * written and how an assembly runs its tests are notes with the line.
 */
export function ownAssertions({ files }: ReadChange): readonly GuardFinding[] {
  const own = files.filter(({ file }) => file.status === 'added')
  return files.flatMap((read): readonly GuardFinding[] => {
    const { file, isTest, removed, added } = read
    if (file.status === 'deleted') return []
    const kept = new Set(removed.map((line) => line.trim()))
    const shown = (pattern: RegExp) => added.find((line) => pattern.test(line) && !kept.has(line.trim()))
    const serializes = isTest || isSetup(file.path) ? shown(SERIALIZES) : undefined
    const runs = isTest && /\.(?:cs|fs|vb)$/.test(file.path) ? shown(OF_ASSEMBLY) : undefined
    const note = (what: string, line: string | undefined): readonly GuardFinding[] =>
      line === undefined
        ? []
        : [{ text: `\`${file.path}\` ${what}: ${inlineCode(line.trim(), 80)}`, weight: 'note' }]
    return [
      ...(isTest && file.status !== 'added' && takesOwn(read, own)
        ? [{ text: `\`${file.path}\` asserts with code that this change adds`, weight: 'reason' } as const]
        : []),
      ...note('decides how snapshots are written', serializes),
      ...note('decides how all tests of its project run', runs),
    ]
  })
}

function takesOwn({ removed, added, file }: ReadFile, own: readonly ReadFile[]): boolean {
  const before = new Set(
    removed.flatMap(importIn).flatMap(({ names, from }) => (LIBRARY.test(from) ? names : [])),
  )
  if (before.size === 0) return false
  return added.flatMap(importIn).some(({ names, from }) => {
    if (LIBRARY.test(from) || !names.some((name) => before.has(name))) return false
    const place = from.startsWith('.')
      ? posix.join(posix.dirname(file.path), from)
      : from.replace(/^[@~]\//, '').replaceAll('.', '/')
    const stem = place.replace(/\.\w{1,4}$/, '')
    const module = own.find((one) => one.file.path.replace(/(?:\/index)?\.\w{1,4}$/, '').endsWith(stem))
    if (module === undefined) return false
    const text = module.file.bytes ? Buffer.from(module.file.bytes).toString('utf8', 0, MOST_CHARS) : ''
    return CATCHES.test(text) || !text.split('\n').some((line) => HANDS_ON.test(line) && LIBRARY.test(line))
  })
}

/** The assertion functions that a line imports, and their source. */
function importIn(line: string): readonly { readonly names: readonly string[]; readonly from: string }[] {
  for (const { pattern, names, from } of IMPORTS) {
    const found = pattern.exec(line)
    const asserting = found?.[names]?.match(ASSERTS) ?? []
    if (found !== null && asserting.length > 0) return [{ names: asserting, from: `${found[from]}` }]
  }
  return []
}
