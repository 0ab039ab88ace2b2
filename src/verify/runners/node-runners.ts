import { posix } from 'node:path'
import { shellQuote } from '../../text/shell-quote.ts'
import { MOCHA } from './mocha-runner.ts'
import { nodeReporter, quietSpec } from './own-reporters.ts'
import {
  byPaths,
  type CoverageWish,
  calledAs,
  hasOption,
  hasOptionLike,
  type ReportFiles,
  type Runner,
  SCRIPTS,
  withFiles,
} from './runner.ts'

export const NODE_RUNNERS: readonly Runner[] = [
  {
    match: (words) =>
      calledAs('vitest', 'run watch dev')(words) ||
      calledAs('vitest')(words) ||
      calledAs('vp', 'test')(words),
    report(args, place) {
      if (hasOption(args, '--outputFile') || args.includes('bench')) return undefined
      const file = place.path('vitest.json')
      const usual = hasOption(args, '--reporter') ? [] : ['--reporter=default']
      return {
        add: [...usual, '--reporter=json', `--outputFile.json=${file}`],
        format: 'jest',
        coverage: vitestCoverage(args, place),
        source: { kind: 'files', pattern: file },
      }
    },
    files: SCRIPTS,
    narrow: byPaths,
  },
  {
    match: (words) => calledAs('jest')(words) || calledAs('react-scripts kcd-scripts craco', 'test')(words),
    report(args, place) {
      if (hasOption(args, '--outputFile', '--json', '--listTests', '--showConfig')) return undefined
      const file = place.path('jest.json')
      return {
        add: ['--json', `--outputFile=${file}`],
        format: 'jest',
        coverage: jestCoverage(args, place),
        source: { kind: 'files', pattern: file },
      }
    },
    files: SCRIPTS,
    narrow: (args, { files, folder }) =>
      withFiles(args, { files, folder, quoted: ['--runTestsByPath', ...files.map(shellQuote)] }),
  },
  MOCHA,
  {
    coverageGoesFirst: true,
    match: (words) => (/^(?:node|tsx)$/.test(words[0] ?? '') && hasOption(words.slice(1), '--test') ? 1 : 0),
    report(args, { path, coverage }) {
      if (hasOption(args, '--test-reporter', '--test-reporter-destination')) return undefined
      const [reporter, quiet] = [path('node.mjs'), path('spec.mjs')]
      const text = nodeReporter(path(''))
      const isOwn = hasOption(args, '--experimental-test-coverage')
      const isMeasured = coverage !== undefined && !mayTransform(args)
      const isAsked = isMeasured && !isOwn
      // Set in the environment, since options after the first file would be arguments of the tests.
      const options = [isAsked ? quiet : 'spec', reporter].flatMap((name) => [
        `--test-reporter=${name}`,
        '--test-reporter-destination=stdout',
      ])
      return {
        env: { NODE_OPTIONS: options.join(' ') },
        files: isAsked ? { [reporter]: text, [quiet]: quietSpec() } : { [reporter]: text },
        format: 'lines',
        source: { kind: 'files', pattern: path('node-*.lines') },
        coverage: isMeasured
          ? {
              add: isAsked ? ['--experimental-test-coverage'] : [],
              isOwn,
              format: 'lcov',
              pattern: path('node-*.info'),
            }
          : undefined,
      }
    },
    files: SCRIPTS,
    narrow: byPaths,
  },
  {
    match: calledAs('borp'),
    report(args, { path }) {
      const file = path('borp.xml')
      const usual = hasOption(args, '--reporter', '-r') ? [] : ['--reporter=spec']
      const add = [...usual, `--reporter=junit:${file}`]
      return { add, format: 'junit', source: { kind: 'files', pattern: file } }
    },
    files: SCRIPTS,
    narrow: byPaths,
  },
  {
    match: calledAs('ava'),
    report(args) {
      if (args.includes('--watch')) return undefined
      // AVA gives up after 10 quiet seconds; its TAP then names no test and no reason.
      const patience = hasOptionLike(args, '--timeout', '-T') ? [] : ['--timeout=4m']
      return { add: ['--tap', ...patience], format: 'tap', source: { kind: 'output' } }
    },
    // Not narrowed: with a single file, titles do not begin with the file's name.
  },
  {
    match: (words) => calledAs('tap', 'run test')(words) || calledAs('tap')(words),
    report(args, { path }) {
      if (hasOption(args, '--output-file', '-o')) return undefined
      const file = path('tap.tap')
      // A file of tests has 30 seconds, which compiling takes up on a busy machine.
      const patience = hasOptionLike(args, '--timeout', '--no-timeout', '-t') ? [] : ['--timeout=240']
      const add = [`--output-file=${file}`, ...patience]
      return { add, format: 'tap', source: { kind: 'files', pattern: file } }
    },
    files: SCRIPTS,
    narrow: byPaths,
  },
  {
    match: calledAs('tape'),
    report: () => ({ format: 'tape', source: { kind: 'output' } }),
    files: SCRIPTS,
    narrow: byPaths,
  },
  {
    match: calledAs('playwright', 'test'),
    report(args, { path }) {
      if (hasOption(args, '--reporter', '--list')) return undefined
      const file = path('playwright.xml')
      return {
        add: ['--reporter=list,junit'],
        env: { PLAYWRIGHT_JUNIT_OUTPUT_NAME: file, PLAYWRIGHT_JUNIT_OUTPUT_FILE: file },
        format: 'junit',
        source: { kind: 'files', pattern: file },
      }
    },
    files: SCRIPTS,
    narrow: byPaths,
  },
  {
    match: calledAs('bun', 'test'),
    report(args, place) {
      if (hasOption(args, '--reporter')) return undefined
      const file = place.path('bun.xml')
      return {
        add: ['--reporter=junit', `--reporter-outfile=${file}`],
        format: 'junit',
        coverage: bunCoverage(args, place),
        source: { kind: 'files', pattern: file },
      }
    },
    files: SCRIPTS,
    // Without `./`, the runner takes a path as a pattern.
    narrow: (args, { files, folder }) =>
      withFiles(args, { files, folder, quoted: files.map((file) => shellQuote(`./${file}`)) }),
  },
  {
    match: calledAs('deno', 'test'),
    report(args, { path }) {
      if (hasOption(args, '--junit-path')) return undefined
      const file = path('deno.xml')
      return { add: [`--junit-path=${file}`], format: 'junit', source: { kind: 'files', pattern: file } }
    },
    files: SCRIPTS,
    narrow: byPaths,
  },
]

/** Whether code may be compiled while it is loaded. Node would report the lines of the compiled code as those of the source. */
function mayTransform(args: readonly string[]): boolean {
  return hasOptionLike(
    args,
    '-r',
    '--require',
    '--import',
    '--loader',
    '--experimental-loader',
    '--experimental-transform-types',
  )
}

/** Coverage of the changed files only, wherever the tool's root is, without its other reports. */
function vitestCoverage(args: readonly string[], { path, coverage }: ReportFiles): CoverageWish | undefined {
  if (!coverage?.tools.has('@vitest/coverage') || hasOptionLike(args, '--coverage')) return undefined
  const folder = path('vitest-coverage')
  const names = patternsOf(coverage.files).map((name) => `--coverage.include=${name}`)
  return {
    add: [
      '--coverage.enabled',
      '--coverage.reporter=json',
      `--coverage.reportsDirectory=${folder}`,
      ...names,
    ],
    format: 'istanbul',
    pattern: `${folder}/coverage-final.json`,
  }
}

function jestCoverage(args: readonly string[], { path, coverage }: ReportFiles): CoverageWish | undefined {
  if (coverage === undefined || hasOptionLike(args, '--coverage', '--collectCoverage')) return undefined
  const folder = path('jest-coverage')
  const names = patternsOf(coverage.files).map((name) => `--collectCoverageFrom=${name}`)
  return {
    add: ['--coverage', '--coverageReporters=json', `--coverageDirectory=${folder}`, ...names],
    format: 'istanbul',
    pattern: `${folder}/coverage-final.json`,
  }
}

function bunCoverage(args: readonly string[], { path, coverage }: ReportFiles): CoverageWish | undefined {
  if (coverage === undefined || hasOptionLike(args, '--coverage')) return undefined
  const folder = path('bun-coverage')
  return {
    add: ['--coverage', '--coverage-reporter=lcov', `--coverage-dir=${folder}`],
    format: 'lcov',
    pattern: `${folder}/lcov.info`,
  }
}

/** Patterns for files by name, in any folder. */
function patternsOf(files: readonly string[]): readonly string[] {
  const names = new Set(files.map((file) => posix.basename(file).replace(/[^\w.@-]/g, '?')))
  return [...names].map((name) => `'**/${name}'`)
}
