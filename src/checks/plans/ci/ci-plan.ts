import type { EcosystemPlan } from '../plan.ts'
import type { CiLine } from './ci-line.ts'
import { plainForm } from './plain-form.ts'
import { commandWithEnv, evidenceOf, type SaidLine, type SaidOutside } from './said-lines.ts'

/** Commands before the tests of a job that run once, in setup. */
const PREPARES =
  /^(?:autoreconf|autoconf|\.\/(?:autogen|bootstrap|buildconf)(?:\.sh)?|(?:sh |bash )?(?:\.\/)?autogen\.sh|\.\/configure|\.\/Configure|perl (?:Makefile|Build)\.PL|cmake(?! (?:--build|-E)\b)|meson setup|opam install|cabal update|luarocks (?:install|make)|cpanm|cpm install|npm ci|pip3? install|python3? -m pip install|bundle install|gem install|composer install|shards install|nimble install|raco pkg install|mix deps\.get|gleam deps download)\b/
/** Commands among them that do the same in any folder. */
const ANYWHERE = /^(?:gem|luarocks|opam) install \w|^cpanm (?:--\S+ )*[A-Z]/
/** Commands before the tests of a job that run each time, since they compile the change. */
const BUILDS =
  /^(?:(?:make|gmake|ninja)(?!.* install\b)|cmake --build|meson compile|cabal build|stack build|dune build|perl Build|\.\/Build|mkdir -p|(?:g\+\+|gcc|c\+\+|cc|clang(?:\+\+)?)(?=.* -[co] ?\S))(?: |$)/

const MOST_STEPS = 5

/** The folders that CI tests, in the order of its jobs, each with the ecosystem of its first test. */
export function ciFolders(
  lines: readonly SaidLine[],
): readonly { readonly folder: string; readonly ecosystem: string }[] {
  const found = new Map<string, string>()
  const tests = lines.filter(({ role }) => role === 'test')
  const free = tests.filter(({ needsMore }) => !needsMore)
  for (const { folder, ecosystem } of free.length > 0 ? free : tests) {
    if (!found.has(folder)) found.set(folder, ecosystem)
  }
  return [...found].map(([folder, ecosystem]) => ({ folder, ecosystem }))
}

/** Whether a line configures a build for another machine. */
function isCross({ words }: CiLine): boolean {
  return (
    /(?:^|\/)configure$|^cmake$|^meson$/.test(words[0] ?? '') &&
    words.some((word) => /^--host=|^--cross-file|TOOLCHAIN_FILE=/.test(word))
  )
}

/** Plans a folder without a manifest that says how to test it: as CI does, with the preparations and builds of the same job. */
export function ciPlan({ all, ci, documents }: SaidOutside, folder: string): EcosystemPlan | undefined {
  const tests = [...ci, ...documents].filter((line) => line.folder === folder && line.role === 'test')
  const native = tests.filter(({ job }) => !all.some((line) => line.job === job && isCross(line)))
  const test = native.find(({ needsMore }) => !needsMore) ?? native[0]
  const form = test && plainForm(test)
  if (test === undefined || form === undefined) return undefined
  const isPlace = ({ file, job, line }: CiLine) =>
    file === test.file && job === test.job && line === test.line
  // Several commands may be in one line: `./configure && make && make check`.
  const exact = all.findIndex((line) => isPlace(line) && line.command === test.command)
  const at = exact === -1 ? all.findIndex(isPlace) : exact
  const before = all
    .slice(0, Math.max(0, at))
    .filter((line) => line.job === test.job && (line.folder === folder || ANYWHERE.test(line.command)))
  const configures = before.filter(({ words }) => /(?:^|\/)[cC]onfigure$/.test(words[0] ?? ''))
  const prepares = before
    // If both branches of an `if` configure, the last one counts.
    .filter((line) => PREPARES.test(line.command) && !configures.slice(0, -1).includes(line))
    .slice(-MOST_STEPS)
  const steps = before.filter(({ command }) => BUILDS.test(command)).slice(-MOST_STEPS)
  // Compilers that CI calls by hand need the folders that it makes for them.
  const isByHand = steps.some(({ words }) => /^(?:g\+\+|gcc|c\+\+|cc|clang(?:\+\+)?)$/.test(words[0] ?? ''))
  const builds = isByHand ? steps : steps.filter(({ words }) => words[0] !== 'mkdir')
  return {
    ecosystem: 'CI',
    source: test.file,
    setup: prepares.map((line) => commandWithEnv(line, line.command)),
    checks: [
      [...builds.map((line) => commandWithEnv(line, line.command)), commandWithEnv(test, form.command)].join(
        ' && ',
      ),
    ],
    evidence: [test, ...prepares, ...builds].map(evidenceOf),
  }
}
