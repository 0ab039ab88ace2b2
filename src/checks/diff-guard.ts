import { addedLines, removedLines } from './diff-lines.ts'
import { isDebris, isTestFile, lockFileProblems } from './file-roles.ts'

/** One changed file, as far as the guard looks at it. */
export interface GuardedFile {
  readonly path: string
  readonly previousPath?: string
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Unified diff; empty for binary files. */
  readonly diff: string
}

/** Ways to say "do not run this test" or "run only this one" in the common test frameworks. */
const SKIPPED_TEST =
  /\b(?:it|test|describe|context|suite)\.(?:skip|only|todo|fixme)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(|@(?:pytest\.mark\.(?:skip|xfail)|unittest\.skip|Disabled|Ignore)\b|\bpytest\.skip\(|\bself\.skipTest\(|\bt\.Skip(?:f|Now)?\(|#\[ignore\b/
/** The beginning of one test. */
const TEST_CASE =
  /^\s*(?:(?:it|test)(?:\.\w+)*\s*\(|(?:async\s+)?def\s+test_?\w*\s*\(|func\s+(?:Test|Fuzz)\w*\s*\(|#\[(?:tokio::)?test\]|@(?:Parameterized)?Test\b)/
const LEFTOVER =
  /^\s*(?:debugger\s*;?\s*$|breakpoint\(\)|import\s+i?pdb\b|i?pdb\.set_trace\(|binding\.pry\b|dbg!\()/
const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?:\s|$)/
/** Ways to silence a checker instead of satisfying it. */
const SILENCED =
  /@ts-(?:ignore|nocheck|expect-error)|eslint-disable|biome-ignore|#\s*(?:noqa|type:\s*ignore|pylint:\s*disable)|\/\/\s*nolint|#\[allow\(|@SuppressWarnings/
const CHECK_SETTING = /"(?:test|lint|typecheck|type-check|check:types)"\s*:/

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
  if (!isTestFile(file.previousPath ?? file.path)) return []
  if (file.status === 'deleted') return [`\`${file.path}\` is a test that was deleted`]
  const lost = count(removedLines(file.diff), TEST_CASE) - count(added, TEST_CASE)
  return [
    ...(added.some((line) => SKIPPED_TEST.test(line))
      ? [`\`${file.path}\` skips tests or runs only some`]
      : []),
    ...(lost > 0 ? [`\`${file.path}\` has ${lost} fewer ${lost === 1 ? 'test' : 'tests'} than before`] : []),
  ]
}

function changesCheck({ path, diff, status }: GuardedFile): boolean {
  if (/(?:^|\/)\.github\/backspace\.ya?ml$/.test(path)) return true
  return (
    status === 'modified' &&
    /(?:^|\/)package\.json$/.test(path) &&
    removedLines(diff).some((line) => CHECK_SETTING.test(line))
  )
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length
}
