import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { needsMoreThanUnits } from './fit-tests.ts'
import { type PythonTest, readPythonTest } from './said-python-test.ts'

/** A file that an option of a test names, with data that CI fetches: `--image dump.img`. */
const DATA = /^(?!-)[\w-][\w.-]{0,80}\.(?!(?:py|toml|ini|cfg|ya?ml|xml|html|txt)$)[a-z]\w{1,5}$/i

/** Whether a test gets a file at the root that the repository does not hold. */
export function needsData(folder: Folder, { args }: PythonTest): boolean {
  return args.split(' ').some((word, at, all) => {
    const [, value] = /^--[\w-]+=(.+)$/.exec(word) ?? []
    const said = value ?? (/^--[\w-]+$/.test(all[at - 1] ?? '') ? word : '')
    return DATA.test(said) && !folder.has(said)
  })
}

/** Whether all lines by which CI tests a folder from outside give the tests data that CI fetches. */
export function isTestedWithData(folder: Folder, lines: readonly SaidLine[]): boolean {
  const inside = lines.filter(
    ({ ecosystem, role, folder: place, words }) =>
      folder.name !== '' &&
      ecosystem === 'Python' &&
      role === 'test' &&
      place !== folder.name &&
      words.some((word) => word.replace(/^\.\//, '').startsWith(`${folder.name}/`)),
  )
  return (
    inside.length > 0 &&
    inside.every(({ command }) => {
      const test = readPythonTest(command)
      return test !== undefined && 'args' in test && needsData(folder, test)
    })
  )
}

/** The files of tests that a run of pytest names, if it names nothing else. */
function namedFiles(folder: Folder, { args, module }: PythonTest): readonly string[] {
  const words = module === 'pytest' ? args.split(' ').slice(2) : []
  const isAll = words.every((word) => /^\w[\w./-]*\.py$/.test(word) && folder.files.includes(word))
  return isAll ? words : []
}

/** The files that one job of CI tests one by one, as one run; undefined if there are fewer than two. */
export function listedFiles(
  folder: Folder,
  said: readonly { readonly test: PythonTest; readonly line: SaidLine }[],
): { readonly test: PythonTest; readonly line: SaidLine } | undefined {
  const fit = said.filter(({ test, line }) => !line.needsMore && !needsMoreThanUnits(test))
  const jobs = fit.map(({ line }) => {
    const same = fit.filter((one) => one.line.job === line.job)
    return { line, files: [...new Set(same.flatMap(({ test }) => namedFiles(folder, test)))] }
  })
  const [most] = jobs.toSorted((a, b) => b.files.length - a.files.length)
  if (most === undefined || most.files.length < 2) return undefined
  const args = ['-m', 'pytest', ...most.files].map(shellQuote).join(' ')
  return { test: { args, module: 'pytest', isWhole: true }, line: most.line }
}
