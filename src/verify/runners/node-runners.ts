import { mochaReporter, nodeReporter } from './own-reporters.ts'
import { calledAs, hasOption, type Runner, withFiles } from './runner.ts'
import { shellQuote } from './shell-words.ts'

/** Runners that take paths of test files as arguments. */
const byPaths: Runner['narrow'] = (args, { files, folder }) =>
  withFiles(args, { files, folder, quoted: files.map(shellQuote) })

export const NODE_RUNNERS: readonly Runner[] = [
  {
    match: (words) => calledAs('vitest', 'run watch dev')(words) || calledAs('vitest')(words),
    report(args, { path }) {
      if (hasOption(args, '--outputFile') || args.includes('bench')) return undefined
      const file = path('vitest.json')
      const usual = hasOption(args, '--reporter') ? [] : ['--reporter=default']
      return {
        add: [...usual, '--reporter=json', `--outputFile.json=${file}`],
        format: 'jest',
        source: { kind: 'files', pattern: file },
      }
    },
    narrow: byPaths,
  },
  {
    match: (words) => calledAs('jest')(words) || calledAs('react-scripts kcd-scripts craco', 'test')(words),
    report(args, { path }) {
      if (hasOption(args, '--outputFile', '--json', '--listTests', '--showConfig')) return undefined
      const file = path('jest.json')
      return {
        add: ['--json', `--outputFile=${file}`],
        format: 'jest',
        source: { kind: 'files', pattern: file },
      }
    },
    narrow: (args, { files, folder }) =>
      withFiles(args, { files, folder, quoted: ['--runTestsByPath', ...files.map(shellQuote)] }),
  },
  {
    match: calledAs('mocha _mocha'),
    report(args, { path }) {
      if (hasOption(args, '--reporter', '-R')) return undefined
      const reporter = path('mocha.cjs')
      return {
        add: [`--reporter=${reporter}`],
        files: { [reporter]: mochaReporter(path('')) },
        format: 'lines',
        source: { kind: 'files', pattern: path('mocha-*.lines') },
      }
    },
    narrow: (args, of) =>
      // Files of the configuration are run as well as those of the command.
      of.folder.files.some((file) => /^\.mocharc\./.test(file)) ? undefined : byPaths(args, of),
  },
  {
    match: (words) => (/^(?:node|tsx)$/.test(words[0] ?? '') && hasOption(words.slice(1), '--test') ? 1 : 0),
    report(args, { path }) {
      if (hasOption(args, '--test-reporter', '--test-reporter-destination')) return undefined
      const reporter = path('node.mjs')
      // In the environment, since options behind the first file are arguments of the tests.
      const options = ['spec', reporter].flatMap((name) => [
        `--test-reporter=${name}`,
        '--test-reporter-destination=stdout',
      ])
      return {
        env: { NODE_OPTIONS: options.join(' ') },
        files: { [reporter]: nodeReporter(path('')) },
        format: 'lines',
        source: { kind: 'files', pattern: path('node-*.lines') },
      }
    },
    narrow: byPaths,
  },
  {
    match: calledAs('ava'),
    report: (args) =>
      args.includes('--watch') ? undefined : { add: ['--tap'], format: 'tap', source: { kind: 'output' } },
    // With one file alone its titles do not begin with the file's name.
  },
  {
    match: (words) => calledAs('tap', 'run test')(words) || calledAs('tap')(words),
    report(args, { path }) {
      if (hasOption(args, '--output-file', '-o')) return undefined
      const file = path('tap.tap')
      return { add: [`--output-file=${file}`], format: 'tap', source: { kind: 'files', pattern: file } }
    },
    narrow: byPaths,
  },
  {
    match: calledAs('tape'),
    report: () => ({ format: 'tape', source: { kind: 'output' } }),
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
    narrow: byPaths,
  },
  {
    match: calledAs('bun', 'test'),
    report(args, { path }) {
      if (hasOption(args, '--reporter')) return undefined
      const file = path('bun.xml')
      return {
        add: ['--reporter=junit', `--reporter-outfile=${file}`],
        format: 'junit',
        source: { kind: 'files', pattern: file },
      }
    },
    // Without `./` a path is a pattern.
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
    narrow: byPaths,
  },
]
