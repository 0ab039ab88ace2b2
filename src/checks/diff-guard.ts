import { isDebris, isTestFile, lockFileProblems } from './file-roles.ts'
import { mayHoldTests, testMarks } from './test-marks.ts'

/** One changed file, as far as the guard looks at it. */
export interface GuardedFile {
  readonly path: string
  readonly previousPath?: string | undefined
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Unified diff; empty for binary files. */
  readonly diff: string
}

const LEFTOVER =
  /^\s*(?:debugger\s*;?\s*$|breakpoint\(\)|import\s+i?pdb\b|i?pdb\.set_trace\(|binding\.pry\b|dbg!\()/
const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?:\s|$)/
/** Ways to silence a checker instead of satisfying it. */
const SILENCED =
  /@ts-(?:ignore|nocheck|expect-error)|eslint-disable|biome-ignore|#\s*(?:noqa|type:\s*ignore|pylint:\s*disable)|\/\/\s*nolint|#\[allow\(|@SuppressWarnings/
/** Files that say which tests are run and how, and nothing else. */
const CHECK_FILE =
  /(?:^|\/)(?:\.github\/backspace\.ya?ml|tox\.ini|noxfile\.py|pytest\.ini|\.mocharc\.\w+|(?:jest|vitest|playwright)\.config\.\w+|vitest\.workspace\.\w+|karma\.conf\.\w+|\.rspec|phpunit\.xml(?:\.dist)?)$/
/** Lines that say so in files that say other things, too. */
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
 * Signs in a change that something went wrong or was made to look right. None of them is proof, so they are
 * warnings: for the agent before it ends, and for the reviewer in the pull request.
 *
 * @returns sentences that name the file, without duplicates.
 */
export function diffGuard(files: readonly GuardedFile[]): readonly string[] {
  const paths = files.flatMap((file) => (file.status === 'deleted' ? [] : [file.path]))
  return [...new Set([...files.flatMap(fileWarnings), ...lockFileProblems(paths)])]
}

function fileWarnings(file: GuardedFile): readonly string[] {
  const { path, diff, status } = file
  const added = addedLines(diff)
  const warnings: (string | false)[] = [
    status === 'added' && isDebris(path) && `\`${path}\` looks like a leftover, not a part of the change`,
    added.some((line) => CONFLICT.test(line)) && `\`${path}\` holds conflict markers`,
    added.some((line) => LEFTOVER.test(line)) && `\`${path}\` holds a debugger statement`,
    added.some((line) => SILENCED.test(line)) && `\`${path}\` silences a checker`,
    changesCheck(file) && `\`${path}\` changes what the checks run`,
  ]
  return [...warnings.filter((warning) => warning !== false), ...testWarnings(file, added)]
}

function testWarnings(file: GuardedFile, added: readonly string[]): readonly string[] {
  const { path, previousPath = path, status, diff } = file
  const isTest = isTestFile(previousPath)
  const marks = testMarks(previousPath)
  if (isTest && status === 'deleted') return [`\`${path}\` is a test that was deleted`]
  if (!isTest && !(marks && mayHoldTests(path))) return []
  const renamed =
    isTest && !isTestFile(path) ? [`\`${previousPath}\` was a test; as \`${path}\` it is none`] : []
  if (marks === undefined) return renamed
  const removed = removedLines(diff)
  const fewer = (pattern: RegExp) => count(removed, pattern) - count(added, pattern)
  const tests = fewer(marks.test)
  // Assertions go with their tests; those of other code are its own affair.
  const assertions = isTest && tests <= 0 ? fewer(marks.assertion) : 0
  return [
    ...renamed,
    ...(fewer(marks.skip) < 0 ? [`\`${path}\` skips tests or runs only some`] : []),
    ...(tests > 0 ? [`\`${path}\` has ${tests} fewer ${tests === 1 ? 'test' : 'tests'} than before`] : []),
    ...(assertions > 0
      ? [`\`${path}\` has ${assertions} fewer ${assertions === 1 ? 'assertion' : 'assertions'} than before`]
      : []),
  ]
}

function changesCheck({ path, previousPath = path, diff }: GuardedFile): boolean {
  if (CHECK_FILE.test(path) || CHECK_FILE.test(previousPath)) return true
  const removed = removedLines(diff)
  return CHECK_LINES.some(({ file, line, sign }) => {
    const lines = sign === '-' ? removed : [...removed, ...addedLines(diff)]
    return file.test(previousPath) && lines.some((text) => line.test(text))
  })
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length
}

/** What a line is judged by: nobody writes code beyond, and expressions take their time on what is generated. */
const MAX_LINE = 2000

/** Lines that a unified diff adds, without their `+`. */
function addedLines(diff: string): readonly string[] {
  return changedLines(diff, '+')
}

/** Lines that a unified diff removes, without their `-`. */
function removedLines(diff: string): readonly string[] {
  return changedLines(diff, '-')
}

/** A removed `-- x` looks like the header `--- x`: only what stands in a hunk counts. */
function changedLines(diff: string, sign: '+' | '-'): readonly string[] {
  const lines: string[] = []
  let inHunk = false
  for (const line of diff.split('\n')) {
    if (line.startsWith('@@')) inHunk = true
    else if (/^(?:diff |index |Index: |=== )/.test(line)) inHunk = false
    else if (inHunk && line.startsWith(sign)) lines.push(line.slice(1, MAX_LINE))
  }
  return lines
}
