import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { CiLine } from '../ci/ci-line.ts'
import { ciPlan } from '../ci/ci-plan.ts'
import { plainForm } from '../ci/plain-form.ts'
import { evidenceOf, type SaidLine, type SaidOutside } from '../ci/said-lines.ts'
import type { EcosystemPlan } from '../plan.ts'
import { BUILDS, innerPath } from './build-folder.ts'

/** An option of `configure` that chooses a library. */
const CHOICE = /^--with(?:out)?-[\w-]+(?:=(?:yes|no|auto))?$/
/** The name of an option of `configure` that builds tests. */
const FOR_TESTS = /^(?:(?:build|run)-)?(?:unit-?)?test(?:s|ing)?(?:-build|-suite|-programs?)?$/
const MOST_CHARACTERS = 256 * 1024

/** The plan for autotools, configured as in CI, and in the workspace, since many projects cannot be built elsewhere. */
export async function autotoolsPlan(
  folder: Folder,
  outside: SaidOutside,
): Promise<EcosystemPlan | undefined> {
  const source = ['configure.ac', 'configure.in', 'configure'].find(folder.has)
  if (source === undefined) return undefined
  const makes = outside.ci.filter(({ ecosystem, role }) => ecosystem === 'make' && role === 'test')
  const line: SaidLine | undefined = makes.find(
    ({ folder: place, job, words }) =>
      place === folder.name &&
      // `make tests` only builds what `make check` runs.
      !(words.includes('tests') && makes.some((one) => one.job === job && one.words.includes('check'))),
  )
  const ofCi = line === undefined ? undefined : ciPlan({ ...outside, ci: [line], documents: [] }, folder.name)
  const hasConfigure = ofCi?.setup.some((command) => /configure\b/.test(command))
  if (ofCi !== undefined && hasConfigure)
    return { ...ofCi, ecosystem: 'make', source, evidence: ofCi.evidence }
  const generate = folder.has('autogen.sh')
    ? ['sh ./autogen.sh']
    : folder.has('configure')
      ? []
      : ['autoreconf --force --install']
  const below = line ?? makeInTests(folder, outside)
  const isDeclared = await declaresTests(folder)
  if (below === undefined && !isDeclared) return { ecosystem: 'make', source, setup: [], checks: [] }
  // Without a test, `make distcheck` at least builds everything.
  const said = line === undefined ? undefined : isDeclared ? plainForm(line)?.command : line.command
  const check =
    said ?? (below === undefined ? 'make check' : `make -C ${shellQuote(innerPath(folder, below.folder))}`)
  const options = [...configureOptions(folder, outside), ...testOptions((await folder.read(source)) ?? '')]
  return {
    ecosystem: 'make',
    source,
    setup: [...generate, ['./configure', ...options].join(' ')],
    checks: [`make -j4 && ${check}`],
    evidence: below === undefined ? [] : [evidenceOf(below)],
  }
}

/** Options for tests that are off unless they are asked for: `AC_ARG_ENABLE([tests], …, [build_tests=no])`. */
function testOptions(text: string): readonly string[] {
  const [, ...macros] = text.slice(0, MOST_CHARACTERS).split(/\bAC_ARG_ENABLE\s{0,9}\(/)
  return macros.flatMap((macro) => {
    const [own = ''] = macro.slice(0, 600).split(/\b(?:AC_ARG_|AC_CONFIG|AC_DEFINE|AM_COND)/)
    const [, name = ''] = /^\s{0,20}\[?([\w-]{1,60})\]?\s{0,9},/.exec(own) ?? []
    const isOff = /=["']?(?:no|false)["']?\s{0,9}[\])]/.test(own)
    return isOff && FOR_TESTS.test(name) ? [`--enable-${name}`] : []
  })
}

/**
 * Options that CI always configures with, such as the choice of a library, from the command with the fewest of them. None if
 * more than a third of its commands have no such option.
 */
function configureOptions(folder: Folder, { all }: SaidOutside): readonly string[] {
  const lines = all.filter(
    ({ words, folder: place }) =>
      /^\.{1,2}\/configure$/.test(words[0] ?? '') &&
      (place === folder.name || BUILDS.test(innerPath(folder, place))) &&
      !words.some((word) => word.startsWith('--host=')),
  )
  const found = lines
    .map(({ words, folder: place }) => ({
      options: words.slice(1).filter((word) => CHOICE.test(word)),
      place,
    }))
    .filter(({ options }) => options.length > 0)
  if (3 * found.length < 2 * lines.length) return []
  // Commands of a matrix, whose options are incomplete here, usually configure in another folder.
  const inPlace = found.filter(({ place }) => place === folder.name)
  const [fewest] = (inPlace.length > 0 ? inPlace : found).toSorted(
    (a, b) => a.options.length - b.options.length,
  )
  return fewest?.options ?? []
}

/** Finds a bare `make` of CI in a folder of tests, which runs them with the build of the folder above. */
function makeInTests({ name }: Folder, { all }: SaidOutside): CiLine | undefined {
  return all.find(({ folder, words }) => {
    const [program = '', ...rest] = words
    const isBelow = folder !== name && (name === '' || folder.startsWith(`${name}/`))
    return (
      isBelow &&
      /^g?make$/.test(program) &&
      rest.every((word) => /^-/.test(word)) &&
      /(?:^|\/)(?:regress\w*|tests?|testsuite)$/.test(folder)
    )
  })
}

/** Whether a Makefile.am or Makefile.in declares tests, since `make check` passes without any. */
async function declaresTests(folder: Folder): Promise<boolean> {
  const files = folder.files.filter((file) => /(?:^|\/)Makefile\.(?:am|in)$/.test(file)).slice(0, 12)
  const texts = await Promise.all(files.map(folder.read))
  return texts.some((text) =>
    /^(?:TESTS|TESTSUITE\w*|DEJATOOL)\s{0,9}\+?=|^AUTOMAKE_OPTIONS\s{0,9}\+?=.{0,80}\bdejagnu\b|^(?:check|check-local|test)\s{0,9}:/m.test(
      text ?? '',
    ),
  )
}
