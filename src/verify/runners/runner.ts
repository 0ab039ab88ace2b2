import { type ShellWord, shellQuote } from '../../text/shell-quote.ts'
import type { CoverageFormat } from '../line-coverage/read-coverage.ts'
import type { ReportFormat } from '../reports/read-report.ts'

/** A call of a test runner inside a command. */
export interface RunnerCall {
  readonly runner: Runner
  /** Assignments and wrappers, then the runner's own words: `FOO=1 npx vitest run`. */
  readonly program: readonly ShellWord[]
  readonly args: readonly ShellWord[]
}

/** A test runner: how to get a report from it, and how to run only some files. */
export interface Runner {
  /** True if options for coverage have no effect after the first named file. */
  readonly coverageGoesFirst?: true | undefined
  /** True if options to add go behind those of the command, since the last of two counts. */
  readonly lastCounts?: true | undefined
  /** Counts the runner's own words, its name and perhaps a subcommand; 0 if the words do not call it. */
  readonly match: (words: readonly string[]) => number
  /** How to get a report; undefined if these arguments do not allow one. */
  readonly report: (args: readonly string[], place: ReportFiles) => ReportWish | undefined
  /** Names of files that `narrow` accepts, since a change may have tests in several languages. */
  readonly files?: RegExp
  /**
   * New arguments, quoted where necessary, that run only these test files. Undefined if the runner cannot do that, or if
   * its arguments name other files.
   *
   * @param files paths relative to the folder of the command, at least one.
   */
  readonly narrow?: (
    args: readonly ShellWord[],
    of: { readonly files: readonly string[]; readonly folder: RunnerFolder },
  ) => readonly string[] | undefined
}

/** The folder in which the command runs. */
export interface RunnerFolder {
  readonly has: (file: string) => boolean
  /** Paths of its known files. */
  readonly files: readonly string[]
}

/** Where reports may be written. The paths exist for one run of the check only. */
export interface ReportFiles {
  readonly path: (name: string) => string
  /** Undefined if coverage is not wanted. */
  readonly coverage?: CoverageAsk | undefined
}

/** The coverage to ask for. */
export interface CoverageAsk {
  /** Absolute path of the workspace inside the sandbox. */
  readonly root: string
  /** Changed files of source in the folder of the command, relative to it. */
  readonly files: readonly string[]
  /** Coverage tools that the repository names; `pytest-cov in use` if its configuration enables it. */
  readonly tools: ReadonlySet<CoverageTool>
}

export type CoverageTool = '@vitest/coverage' | 'pytest-cov' | 'pytest-cov in use'

/** How to get coverage from the same run. */
export interface CoverageWish {
  /** Arguments to add where those of the report go. */
  readonly add?: readonly string[] | undefined
  /** True if the command already measures coverage, so that only a report is added. */
  readonly isOwn?: boolean | undefined
  readonly format: CoverageFormat
  /** Path of the report, which may have `*` in its last part. */
  readonly pattern: string
}

/** Changes of a command that make it write a report. */
export interface ReportWish {
  /** Arguments, quoted for bash, to put after the runner's own words. */
  readonly add?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Files to write before the run: text by path. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly format: ReportFormat
  readonly coverage?: CoverageWish | undefined
  /**
   * Where the report is:
   * - `output`: in the output of the command.
   * - `files`: in files, whose path may have `*` in its last part.
   * - `newer`: in files of the workspace that the run wrote, by patterns for `find -path`; also in folders `outside` of it,
   *   which are written without quotes.
   */
  readonly source:
    | { readonly kind: 'output' }
    | { readonly kind: 'files'; readonly pattern: string }
    | {
        readonly kind: 'newer'
        readonly patterns: readonly string[]
        readonly outside?: readonly string[]
      }
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

/** True if one of the options is present, alone or with a value after `=`. */
export function hasOption(args: readonly string[], ...options: readonly string[]): boolean {
  return args.some((arg) => options.some((option) => arg === option || arg.startsWith(`${option}=`)))
}

/** True if an argument begins with one of these texts. */
export function hasOptionLike(args: readonly string[], ...starts: readonly string[]): boolean {
  return args.some((arg) => starts.some((start) => arg.startsWith(start)))
}

/** Arguments that name files or folders of the project, or patterns for them, without values of options. */
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

/** The plain path: `tests` for `./tests/`, and without a test's name after `::`. */
function plainPath(text: string): string {
  return text
    .replace(/::.*$/, '')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
}

/**
 * Replaces the files among the arguments by these files. Undefined if an argument covers none of them, for example because
 * tests are first compiled into another folder.
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

/** Names of files that may be tests of JavaScript and TypeScript. */
export const SCRIPTS = /\.(?:[cm]?[jt]sx?|vue|svelte)$/

/** Narrows a runner that takes paths of test files as arguments. */
export const byPaths: NonNullable<Runner['narrow']> = (args, { files, folder }) =>
  withFiles(args, { files, folder, quoted: files.map((file) => shellQuote(file)) })
