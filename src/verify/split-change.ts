import { createHash } from 'node:crypto'
import { isProgramData, isTestFile, roleOf } from '../checks/file-roles.ts'
import { testMarks } from '../checks/test-marks.ts'
import { type Hunk, hunksOf, takeBack } from './source-hunks.ts'
import { testLines } from './test-lines.ts'
import type { VerifiedFile } from './verified-file.ts'

/** A change, split into its source and the rest, such as tests. */
export interface SplitChange {
  /** Hunks of source, the largest first. */
  readonly source: readonly Hunk[]
  /** The change without its source: tests, their data, configuration, texts. */
  readonly rest: readonly VerifiedFile[]
  /** True if the change adds or edits tests or files that they read. */
  readonly hasTests: boolean
  /** Files with added or edited tests. */
  readonly testFiles: readonly string[]
}

/**
 * Splits a change by the roles of its files. If no file is source, data that a program may read counts as source. A file
 * with source and tests is split by hunk.
 */
export function splitChange(files: readonly VerifiedFile[]): SplitChange {
  const isProgram = files.some((file) => roleOf(file.path) === 'source')
  const source: Hunk[] = []
  const rest: VerifiedFile[] = []
  const testFiles: string[] = []
  let hasTests = false
  for (const file of files) {
    const role = roleOf(file.path)
    if (role === 'test') {
      rest.push(file)
      hasTests ||= file.bytes !== null
      if (file.bytes !== null && isProgramOfTests(file.path)) testFiles.push(file.path)
      continue
    }
    const isSource = role === 'source' || (!isProgram && isProgramData(file.path))
    if (!isSource) {
      rest.push(file)
      continue
    }
    const { program, tests } = apart(file)
    source.push(...program)
    if (tests.length === 0) continue
    const onlyTests = program.length === 0 ? file : without(file, program)
    if (onlyTests === undefined) continue
    rest.push(onlyTests)
    hasTests = true
    testFiles.push(file.path)
  }
  source.sort((a, b) => b.size - a.size)
  return { source, rest, hasTests, testFiles }
}

/** Whether a file contains tests, as opposed to data that tests read. */
function isProgramOfTests(path: string): boolean {
  return isTestFile(path) && testMarks(path) !== undefined
}

function apart(file: VerifiedFile): { readonly program: readonly Hunk[]; readonly tests: readonly Hunk[] } {
  const isTestLine = testLines(file)
  const hunks = hunksOf(file)
  const isTest = ({ place, from, to }: Hunk) => place !== undefined && isTestLine(from) && isTestLine(to)
  return { program: hunks.filter((hunk) => !isTest(hunk)), tests: hunks.filter(isTest) }
}

function without(file: VerifiedFile, program: readonly Hunk[]): VerifiedFile | undefined {
  const [state, ...others] = takeBack(program) ?? []
  if (state === undefined || others.length > 0 || state.bytes === null) return undefined
  const { bytes } = state
  const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  return { ...file, bytes, sha }
}
