import { mochaReporter } from './own-reporters.ts'
import { byPaths, calledAs, type Runner, SCRIPTS } from './runner.ts'

/** Reporters of Mocha that print for people, and whose place another one may take. */
const FOR_PEOPLE = /^(?:spec|dot|list|min|nyan|landing|progress)$/

export const MOCHA: Runner = {
  lastCounts: true,
  match: calledAs('mocha _mocha'),
  report(args, { path }) {
    const named = args.flatMap((arg, at) => reporterOf(arg, args[at + 1]))
    const mayReplace = !args.includes('--') && named.every((name) => FOR_PEOPLE.test(name))
    if (named.length > 0 && !mayReplace) return undefined
    const reporter = path('mocha.cjs')
    return {
      add: [`--reporter=${reporter}`],
      files: { [reporter]: mochaReporter(path('')) },
      format: 'lines',
      source: { kind: 'files', pattern: path('mocha-*.lines') },
    }
  },
  files: SCRIPTS,
  narrow: (args, of) =>
    // Mocha runs the files of its configuration in addition to those of the command.
    of.folder.files.some((file) => /^\.mocharc\./.test(file)) ? undefined : byPaths(args, of),
}

/** The reporter that an argument names, itself or in the one behind it. */
function reporterOf(arg: string, next = ''): readonly string[] {
  const [option, value = next] = arg.split('=')
  return option === '--reporter' || option === '-R' ? [value] : []
}
