import type { ShellWord } from '../../text/shell-quote.ts'
import type { CoverageFormat } from '../line-coverage/read-coverage.ts'
import type { ReportFormat } from '../reports/read-report.ts'

/** A call of a test runner inside a command. */
export interface RunnerCall {
  readonly runner: Runner
  /** Assignments and wrappers, the runner's own words last: `FOO=1 npx vitest run`. */
  readonly program: readonly ShellWord[]
  readonly args: readonly ShellWord[]
}

/** How one program runs tests: how to get a report of it, and how to run some files only. */
export interface Runner {
  /** True if options for coverage have no effect behind the first file that is named. */
  readonly coverageGoesFirst?: true | undefined
  /** How many of the words are the runner's own: its name, and a subcommand; 0 if these words are no call of it. */
  readonly match: (words: readonly string[]) => number
  /** Undefined if these arguments leave no place for a report. */
  readonly report: (args: readonly string[], place: ReportFiles) => ReportWish | undefined
  /** Names of the files that it can run; with `narrow`. A change may hold tests of several languages. */
  readonly files?: RegExp
  /**
   * New arguments, in quotes where these are needed, for these test files alone. Undefined if the runner cannot, or its
   * arguments point elsewhere.
   *
   * @param files relative to the folder of the command, at least one.
   */
  readonly narrow?: (
    args: readonly ShellWord[],
    of: { readonly files: readonly string[]; readonly folder: RunnerFolder },
  ) => readonly string[] | undefined
}

/** The folder in which the command runs. */
export interface RunnerFolder {
  readonly has: (file: string) => boolean
  /** Paths of files in it, as far as they are known. */
  readonly files: readonly string[]
}

/** Where reports may be written: paths that are there for one run of the check alone. */
export interface ReportFiles {
  readonly path: (name: string) => string
  /** Undefined if coverage is not to be asked for. */
  readonly coverage?: CoverageAsk | undefined
}

/** Of what coverage is to be asked for. */
export interface CoverageAsk {
  /** Absolute path of the workspace inside the sandbox. */
  readonly root: string
  /** Changed files of source in the folder of the command, relative to it. */
  readonly files: readonly string[]
  /** Tools for coverage that the repository names; `pytest-cov in use` if its configuration turns it on. */
  readonly tools: ReadonlySet<CoverageTool>
}

export type CoverageTool = '@vitest/coverage' | 'pytest-cov' | 'pytest-cov in use'

/** How to get coverage with the same run. */
export interface CoverageWish {
  /** Arguments, where those of the report go. */
  readonly add?: readonly string[] | undefined
  /** True if the command measures coverage unasked, so that nothing but a report is added. */
  readonly isOwn?: boolean | undefined
  readonly format: CoverageFormat
  /** Where it is: a path that may have `*` in the last part. */
  readonly pattern: string
}

/** What to change to get a report. */
export interface ReportWish {
  /** Arguments to put behind the runner's own words, as bash takes them. */
  readonly add?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Files to write before: their text by path. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly format: ReportFormat
  readonly coverage?: CoverageWish | undefined
  /**
   * - `output`: what the command prints.
   * - `files`: paths that may have `*` in the last part.
   * - `newer`: files of the workspace that the run wrote, by patterns as `find -path` takes them.
   */
  readonly source:
    | { readonly kind: 'output' }
    | { readonly kind: 'files'; readonly pattern: string }
    | { readonly kind: 'newer'; readonly patterns: readonly string[] }
}

/** Recognises a runner by its name and, where it has one, its subcommand. */
export function calledAs(names: string, subcommands = ''): Runner['match'] {
  const [known, subs] = [names.split(' '), subcommands === '' ? [] : subcommands.split(' ')]
  return ([name = '', second = '']) => {
    if (!known.includes(name)) return 0
    if (subs.length === 0) return 1
    return subs.includes(second) ? 2 : 0
  }
}

/** True if one of the options is there, alone or with a value behind `=`. */
export function hasOption(args: readonly string[], ...options: readonly string[]): boolean {
  return args.some((arg) => options.some((option) => arg === option || arg.startsWith(`${option}=`)))
}

/** True if an argument begins with one of these. */
export function hasOptionLike(args: readonly string[], ...starts: readonly string[]): boolean {
  return args.some((arg) => starts.some((start) => arg.startsWith(start)))
}

/** Arguments that name files or folders of the project, or patterns of them; not the values of options. */
function pathArgs(args: readonly ShellWord[], folder: RunnerFolder): readonly ShellWord[] {
  return args.filter(({ text }, index) => {
    if (text.startsWith('-') || text === '') return false
    const path = plainPath(text)
    const isThere = folder.has(path) || folder.files.some((file) => file.startsWith(`${path}/`))
    if (!isThere && !/[*?[{]|::|\.{3}/.test(text) && !/^\.{1,2}(?:\/|$)/.test(text)) return false
    // `-c jest.config.js`, `-r ./setup.js`: short options, and long ones without `=`, may have a value.
    const before = args[index - 1]?.text ?? ''
    return !/^-[cCrRpPeEfFmnkotuWj]$|^--(?:config|require|import|loader|setup|file|project|tsconfig|root|dir|rootDir)$/.test(
      before,
    )
  })
}

/** `./tests/` → `tests`; what comes after `::` names a test in the file. */
function plainPath(text: string): string {
  return text
    .replace(/::.*$/, '')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
}

/**
 * The arguments with these files in place of those that were there; undefined if an argument that was there covers none of
 * the files, as when tests are compiled to another folder first.
 */
export function withFiles(
  args: readonly ShellWord[],
  {
    files,
    folder,
    quoted,
  }: {
    readonly files: readonly string[]
    readonly folder: RunnerFolder
    readonly quoted: readonly string[]
  },
): readonly string[] | undefined {
  const paths = pathArgs(args, folder)
  const covered = files.every((file) => paths.length === 0 || paths.some(({ text }) => covers(text, file)))
  if (!covered) return undefined
  const end = args.findIndex(({ text }) => text === '--')
  const kept = (end === -1 ? args : args.slice(0, end)).filter((word) => !paths.includes(word))
  return [...kept.map(({ raw }) => raw), ...quoted]
}

/** Whether a path or pattern of files can mean the file. */
function covers(pattern: string, file: string): boolean {
  const path = plainPath(pattern)
  const wild = path.search(/[*?[{]/)
  if (wild === -1) return path === '' || path === '.' || file === path || file.startsWith(`${path}/`)
  const literal = path.slice(0, wild)
  const ending = /\.\w+$/.exec(path)?.[0] ?? ''
  return file.startsWith(literal) && (ending === '' || file.endsWith(ending))
}
