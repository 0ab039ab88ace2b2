import { shellQuote } from '../../text/shell-quote.ts'
import { hasOption, type Runner } from './runner.ts'

/** Narrows cargo, for which each file in `tests` is a program of its own. */
const integrationTests: Runner['narrow'] = (args, { files }) => {
  const names = files.map((file) => /(?:^|\/)tests\/([^/]+)(?:\.rs|\/main\.rs)$/.exec(file)?.[1])
  if (names.includes(undefined)) return undefined
  const separator = args.findIndex(({ text }) => text === '--')
  const kept = (separator === -1 ? args : args.slice(0, separator)).filter(
    ({ text }) => !/^--(?:lib|bins|tests|all-targets|doc)$/.test(text),
  )
  const wanted = names.flatMap((name) => ['--test', shellQuote(name ?? '')])
  return [...kept.map(({ raw }) => raw), ...wanted]
}

export const RUST_RUNNERS: readonly Runner[] = [
  {
    match: ([name, second = '', third = '']) => {
      if (name !== 'cargo') return 0
      if (/^(?:test|t)$/.test(second)) return 2
      return second.startsWith('+') && /^(?:test|t)$/.test(third) ? 3 : 0
    },
    files: /\.rs$/,
    report: (args) =>
      hasOption(args, '--no-run', '--format', '--message-format', '-q', '--quiet')
        ? undefined
        : {
            add: hasOption(args, '--no-fail-fast') ? [] : ['--no-fail-fast'],
            format: 'cargo',
            source: { kind: 'output' },
          },
    narrow: integrationTests,
  },
  {
    match: ([name, ...words]) => {
      const at = words[0]?.startsWith('+') ? 1 : 0
      return name === 'cargo' && words[at] === 'nextest' && /^r(?:un)?$/.test(words[at + 1] ?? '')
        ? at + 3
        : 0
    },
    files: /\.rs$/,
    report(args, { path }) {
      if (hasOption(args, '--no-run')) return undefined
      const [settings, file] = [path('nextest.toml'), path('nextest.xml')]
      const endsEarly = hasOption(args, '--no-fail-fast', '--nff', '--fail-fast', '--ff', '--max-fail')
      return {
        add: [`--tool-config-file=backspace:${settings}`, ...(endsEarly ? [] : ['--no-fail-fast'])],
        // Applies to all profiles. The repository's own settings for reports take precedence.
        files: { [settings]: `[profile.default.junit]\npath = "${file}"\n` },
        format: 'junit',
        source: { kind: 'files', pattern: file },
      }
    },
    narrow: integrationTests,
  },
]
