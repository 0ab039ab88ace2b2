import { changedLines, type FileDiff, readDiff } from '../text/read-diff.ts'
import { breathe } from '../time/breathe.ts'
import { isDebris, isTestFile, lockFileProblems } from './file-roles.ts'
import { mayHoldTests, testMarks } from './test-marks.ts'
import { countWeakened } from './weakened-assertions.ts'

/** One changed file, with what the guard looks at. */
export interface GuardedFile {
  readonly path: string
  readonly previousPath?: string | undefined
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Unified diff of this file; empty for binary files. */
  readonly diff: string
}

const LEFTOVER =
  /^\s*(?:debugger\s*;?\s*$|breakpoint\(\)|import\s+i?pdb\b|i?pdb\.set_trace\(|binding\.pry\b|dbg!\()/
const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?:\s|$)/
/** Ways to silence a checker instead of satisfying it. */
const SILENCED =
  /@ts-(?:ignore|nocheck|expect-error)|eslint-disable|biome-ignore|#\s*(?:noqa|type:\s*ignore|pylint:\s*disable)|\/\/\s*nolint|#\[allow\(|@SuppressWarnings/
/** Files that only configure which tests run, and how. */
const CHECK_FILE =
  /(?:^|\/)(?:\.github\/backspace\.ya?ml|tox\.ini|noxfile\.py|pytest\.ini|\.mocharc\.\w+|(?:jest|vitest|playwright)\.config\.\w+|vitest\.workspace\.\w+|karma\.conf\.\w+|\.rspec|phpunit\.xml(?:\.dist)?)$/
/** Lines that configure tests, in files with other content. */
const CHECK_LINES: readonly { readonly file: RegExp; readonly line: RegExp; readonly sign: '-' | '+-' }[] = [
  {
    file: /(?:^|\/)package\.json$/,
    line: /"(?:(?:pre|post)?test|lint|typecheck|type-check|check:types)"\s*:/,
    sign: '-',
  },
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
    line: /^\s*(?:addopts|testpaths|python_(?:files|classes|functions)|norecursedirs)\b/,
    sign: '+-',
  },
  { file: /(?:^|\/)Cargo\.toml$/, line: /^\s*(?:test|harness|autotests)\s*=\s*false\b/, sign: '+-' },
  {
    file: /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?)$/,
    line: /\bskipTests\b|\btestFailureIgnore\b|\bignoreFailures\b|\bmaven\.test\.skip\b/,
    sign: '+-',
  },
  {
    file: /(?:^|\/)(?:GNUmakefile|[Mm]akefile|\.?[Jj]ustfile)$/,
    line: /^(?!\s*(?:#|\.PHONY)).*\b(?:test|check|pytest|jest|vitest|mocha|rspec)\b/,
    sign: '-',
  },
]

/**
 * Finds signs that a change went wrong or only looks right. None of them is proof, so they are warnings: for the agent
 * before it finishes, and for the reviewer in the pull request.
 *
 * @returns sentences that name the file, without duplicates.
 */
export async function diffGuard(files: readonly GuardedFile[]): Promise<readonly string[]> {
  const warnings: string[] = []
  for (const file of files) {
    warnings.push(...fileWarnings(file))
    await breathe()
  }
  const paths = files.flatMap((file) => (file.status === 'deleted' ? [] : [file.path]))
  return [...new Set([...warnings, ...lockFileProblems(paths)])]
}

function fileWarnings(file: GuardedFile): readonly string[] {
  const { path, status } = file
  const read = readDiff(file.diff)
  const changed = { added: linesOf(read, '+'), removed: linesOf(read, '-') }
  const { added } = changed
  const warnings: (string | false)[] = [
    status === 'added' &&
      isDebris(path) &&
      `\`${path}\` looks like a leftover, not like a part of the change`,
    added.some((line) => CONFLICT.test(line)) && `\`${path}\` contains conflict markers`,
    added.some((line) => LEFTOVER.test(line)) && `\`${path}\` contains a debugger statement`,
    added.some((line) => SILENCED.test(line)) && `\`${path}\` silences a checker`,
    changesCheck(file, changed) && `\`${path}\` changes what the checks run`,
  ]
  return [...warnings.filter((warning) => warning !== false), ...testWarnings(file, changed)]
}

interface ChangedLines {
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

function testWarnings(
  { path, previousPath = path, status }: GuardedFile,
  { added, removed }: ChangedLines,
): readonly string[] {
  const isTest = isTestFile(previousPath)
  const marks = testMarks(previousPath)
  if (isTest && status === 'deleted') return [`\`${path}\` is a test that was deleted`]
  if (!isTest && !(marks && mayHoldTests(path))) return []
  const renamed =
    isTest && !isTestFile(path)
      ? [`\`${previousPath}\` was a test; renamed to \`${path}\` it no longer runs as one`]
      : []
  if (marks === undefined) return renamed
  const fewer = (pattern: RegExp) => count(removed, pattern) - count(added, pattern)
  const tests = fewer(marks.test)
  // A removed test takes its assertions along; assertions in other code do not count.
  const assertions = isTest && tests <= 0 ? fewer(marks.assertion) : 0
  const weakened = isTest ? countWeakened({ added, removed }, marks.assertion) : 0
  const warnings = [
    weakened > 0 &&
      `\`${path}\` weakens ${weakened} ${weakened === 1 ? 'assertion' : 'assertions'}: more results satisfy ${weakened === 1 ? 'it' : 'them'} than before`,
    fewer(marks.skip) < 0 && `\`${path}\` skips tests or runs only some`,
    tests > 0 && `\`${path}\` has ${tests} fewer ${tests === 1 ? 'test' : 'tests'} than before`,
    assertions > 0 &&
      `\`${path}\` has ${assertions} fewer ${assertions === 1 ? 'assertion' : 'assertions'} than before`,
  ]
  return [...renamed, ...warnings.filter((warning) => warning !== false)]
}

function changesCheck({ path, previousPath = path }: GuardedFile, { added, removed }: ChangedLines): boolean {
  if (CHECK_FILE.test(path) || CHECK_FILE.test(previousPath)) return true
  return CHECK_LINES.some(({ file, line, sign }) => {
    const lines = sign === '-' ? removed : [...removed, ...added]
    return file.test(previousPath) && lines.some((text) => line.test(text))
  })
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length
}

/** Characters: lines of code are shorter, and expressions take their time on generated ones. */
const MAX_LINE = 2000

function linesOf(files: readonly FileDiff[], sign: '+' | '-'): readonly string[] {
  return changedLines(files, sign).map((line) => line.slice(0, MAX_LINE))
}
