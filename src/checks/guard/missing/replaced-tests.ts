import { strengthOf, subjectsOf } from '../../assertion-strength.ts'
import type { TestMarks } from '../../test-marks.ts'
import { statementsIn } from '../../weakened-assertions.ts'
import { asserts } from '../assertions/empty-assertions.ts'

/** Matches one test for many cases, in the common frameworks. */
const TABLE =
  /\bparametrize\b|\bparameterized\b|\.each\b|@(?:ParameterizedTest|ValueSource|CsvSource|MethodSource|EnumSource|DataProvider|dataProvider|TestWith)\b|#\[(?:DataProvider|TestWith|case|rstest|test_case)\b|\[(?:InlineData|TestCase|DataRow|MemberData)\b|\bfor\b.{0,80}\brange\b|\bsubTest\b|\bINSTANTIATE_TEST|\bTEST_P\b|\.each do\b|\bforEach\b|\bfor\b.{0,80}\b(?:of|in)\b/
const LITERAL = /"(?:[^"\\]|\\.){0,500}"|'(?:[^'\\]|\\.){0,500}'|`[^`]{0,500}`|\b\d[\w.]*/g

/** Facts about the added lines of a file, which are computed once and compared with each removed test. */
export interface AddedTests {
  readonly marks: TestMarks
  readonly hasTable: boolean
  readonly values: ReadonlySet<string>
  readonly assertions: readonly { readonly strength: number; readonly subjects: ReadonlySet<string> }[]
  readonly words: ReadonlySet<string>
}

export function readAdded(added: readonly string[], marks: TestMarks): AddedTests {
  const hasTable = added.some((line) => TABLE.test(line))
  const asserted = hasTable ? statementsIn(added, marks.assertion).filter((one) => asserts(one, marks)) : []
  return {
    marks,
    hasTable,
    values: new Set(hasTable ? added.flatMap(valuesOf) : []),
    assertions: asserted.map((one) => ({ strength: strengthOf(one), subjects: subjectsOf(one) })),
    words: telling(added),
  }
}

/**
 * True if a removed test is now a case of a table: all its values are in the added lines, and an assertion
 * there is at least as strong.
 */
export function isInTable(
  test: readonly string[],
  { marks, hasTable, values: there, assertions }: AddedTests,
): boolean {
  if (!hasTable) return false
  const asserted = statementsIn(test, marks.assertion).filter((one) => marks.assertion.test(one))
  const values = new Set(asserted.flatMap(valuesOf))
  if (values.size === 0 || !values.isSubsetOf(there)) return false
  const wanted = Math.max(...asserted.map(strengthOf))
  const subjects = new Set(asserted.flatMap((one) => [...subjectsOf(one)]))
  return assertions.some((now) => now.strength >= wanted && !now.subjects.isDisjointFrom(subjects))
}

function valuesOf(line: string): readonly string[] {
  return (line.match(LITERAL) ?? []).map(unquoted)
}

/** The least part of its words that a removed test shares with the test that replaces it. */
const ALIKE = 0.3
const COMMON =
  /^(?:it|test|tests|def|func|fn|function|void|public|private|static|final|async|await|const|let|var|val|new|return|this|self|expect\w*|assert\w*|Assert\w*|to[A-Z]\w*|Equal\w*|equal\w*|describe|end|do|for|if|else|true|false|null|None|nil|not|and|the|with|should|when|that|from|import|Test|Fact|override|require|throws|string|String|int|testing|is[A-Z]\w*)$/

/** True if the added tests share enough words with the removed test. */
export function isLikeAdded(test: readonly string[], { marks, words: there }: AddedTests): boolean {
  // Without removed assertions, only the name has changed.
  if (!test.some((line) => marks.assertion.test(line))) return true
  const words = telling(test)
  return words.size === 0 || words.intersection(there).size / words.size >= ALIKE
}

function telling(lines: readonly string[]): ReadonlySet<string> {
  const words = lines.flatMap((line) => line.match(/\b[A-Za-z]\w{1,99}/g) ?? [])
  const parts = words
    .filter((word) => !COMMON.test(word))
    .flatMap((word) => word.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? [])
  return new Set(
    parts.map((part) => part.toLowerCase()).filter((part) => part.length > 2 && !COMMON.test(part)),
  )
}

function unquoted(literal: string): string {
  return literal.replace(/^["'`]|["'`]$/g, '')
}
