import { calledAs, hasOption, type Runner } from './runner.ts'

/** Test runners of compiled languages that write JUnit's XML. */
export const NATIVE_RUNNERS: readonly Runner[] = [
  {
    match: calledAs('ctest'),
    report(args, { path }) {
      if (hasOption(args, '--output-junit')) return undefined
      const file = path('ctest.xml')
      return { add: ['--output-junit', file], format: 'junit', source: { kind: 'files', pattern: file } }
    },
  },
  {
    match: calledAs('meson', 'test'),
    report: (args) => ({
      format: 'junit',
      source: { kind: 'newer', patterns: ['*/meson-logs/testlog*.junit.xml'], outside: outsideBuild(args) },
    }),
  },
  {
    match: calledAs('swift', 'test'),
    report(args, { path }) {
      if (hasOption(args, '--xunit-output')) return undefined
      // Without --parallel, older versions write no report. Tests of Swift Testing are in a second file beside it.
      return {
        add: ['--xunit-output', path('swift.xml')],
        format: 'junit',
        source: { kind: 'files', pattern: path('swift*.xml') },
      }
    },
  },
]

/** The folder of `-C`, if it is outside of the workspace; empty if not. */
function outsideBuild(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => arg.startsWith('-C'))
  const folder = args[at] === '-C' ? args[at + 1] : args[at]?.slice(2)
  return folder !== undefined && /^\/tmp\/[\w.-]{1,100}$/.test(folder) ? [folder] : []
}
