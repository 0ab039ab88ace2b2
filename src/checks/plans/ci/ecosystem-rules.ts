import type { EcosystemPlan } from '../plan.ts'
import { cargoForm, withExcluded } from './cargo-form.ts'
import { withPackages } from './cargo-members.ts'
import { type PlainForm, withoutNamespaces, withoutSplitTrees } from './narrowed-forms.ts'
import { evidenceOf, type SaidLine } from './said-lines.ts'
import { severalProjects, solutionTests } from './solution-tests.ts'

/** A command of CI as a sandbox runs it, with its line. */
export interface Form extends PlainForm {
  readonly line: SaidLine
}

/** What is special about an ecosystem where CI's commands replace those of the manifests. */
export interface EcosystemRules {
  /** Its tool tests everything with one command, so only the widest command of CI counts. */
  readonly testsAtOnce?: true
  /** Matches commands that only build a project without tests of its own. */
  readonly onlyBuilds?: RegExp
  /** Its test runner is only guessed from the names of files. */
  readonly isByNames?: true
  /** Without a build before the tests in CI, the build of the manifests does not count either: what it makes is in the repository. */
  readonly holdsBuilt?: true
  /** The lines of CI that test a folder; default: those in the folder. */
  readonly testsOf?: (ci: readonly SaidLine[], folder: string) => readonly SaidLine[]
  /** Marks or removes forms that are a part of others. */
  readonly narrow?: (forms: readonly Form[]) => readonly Form[]
  /** Forms that together count as the whole. */
  readonly together?: (forms: readonly Form[]) => readonly Form[]
  /** Forms that count although their job has services. */
  readonly countsAnyway?: (form: Form) => boolean
  /** Whether a command that tests everything fits what the plan found; default: it does. */
  readonly fits?: (form: Form, plan: EcosystemPlan) => boolean
  /** Completes a command by what other lines of CI, and the checks of the manifests, say. */
  readonly complete?: (command: string, own: readonly SaidLine[], checks: readonly string[]) => string
  /** A plan that counts if no form of CI does; undefined if CI says nothing about it. */
  readonly otherwise?: (
    plan: EcosystemPlan,
    ci: readonly SaidLine[],
    folder: string,
  ) => EcosystemPlan | undefined
}

const AT_ONCE: EcosystemRules = { testsAtOnce: true }
const BY_NAMES: EcosystemRules = { isByNames: true }

const RULES: Readonly<Record<string, EcosystemRules>> = {
  Go: {
    ...AT_ONCE,
    narrow: withoutSplitTrees,
    // Without that manifest, the tests do not compile.
    countsAnyway: ({ command }) => / -modfile=/.test(command),
  },
  Rust: { ...AT_ONCE, narrow: withOnlyFeatures, complete: ofAllPackages, otherwise: packagesOneByOne },
  Ant: AT_ONCE,
  Maven: AT_ONCE,
  Gradle: { ...AT_ONCE, onlyBuilds: / build$/ },
  '.NET': { ...AT_ONCE, testsOf: solutionTests, together: severalProjects, fits: namesFramework },
  Swift: AT_ONCE,
  Elixir: AT_ONCE,
  Zig: AT_ONCE,
  Haskell: AT_ONCE,
  OCaml: AT_ONCE,
  Bazel: AT_ONCE,
  Dart: { ...AT_ONCE, holdsBuilt: true },
  Julia: AT_ONCE,
  Deno: AT_ONCE,
  R: AT_ONCE,
  Lua: { ...AT_ONCE, ...BY_NAMES },
  Crystal: BY_NAMES,
  Nim: BY_NAMES,
  D: BY_NAMES,
  V: BY_NAMES,
  Fortran: BY_NAMES,
  Ruby: { narrow: withoutNamespaces },
  PHP: { narrow: withoutLinters },
  Perl: { otherwise: testsOfMake },
}

export function rulesOf(ecosystem: string): EcosystemRules {
  return (Object.hasOwn(RULES, ecosystem) ? RULES[ecosystem] : undefined) ?? {}
}

/** Whether a command names a framework where others need Windows or Mono, which machines of CI had. */
function namesFramework({ command }: Form, { checks }: EcosystemPlan): boolean {
  const isOther = !command.startsWith('dotnet test') || !checks.some((check) => / -f net/.test(check))
  return isOther || / (?:-f|--framework)[ =]/.test(command)
}

/** Removes `composer check` beside PHPUnit or Pest, since it then only checks the style. */
function withoutLinters(forms: readonly Form[]): readonly Form[] {
  const isRun = forms.some(({ command }) => /\b(?:phpunit|pest)\b/.test(command))
  return isRun ? forms.filter(({ command }) => !/^composer (?:run )?check$/.test(command)) : forms
}

/** Marks a form without the default features as the whole, if CI has no other form: then it has the features that tests need. */
function withOnlyFeatures(forms: readonly Form[]): readonly Form[] {
  const [first, ...more] = forms.filter(({ line }) => !line.words.includes('--example'))
  const isOnly =
    more.length === 0 &&
    /^cargo test(?: --release)?(?: --no-default-features| --features [\w,/-]+){2}$/.test(first?.command ?? '')
  return first !== undefined && isOnly ? [{ ...first, isWhole: true }] : forms
}

function ofAllPackages(command: string, own: readonly SaidLine[], checks: readonly string[]): string {
  return withPackages(withExcluded(command, own), checks)
}

const MOST_GROUPS = 3

/**
 * The plan of a workspace of Rust that CI tests package by package, never as a whole: other packages may not build here. Of
 * each package the widest command counts, and packages with the same options are tested at once.
 */
function packagesOneByOne(
  plan: EcosystemPlan,
  ci: readonly SaidLine[],
  folder: string,
): EcosystemPlan | undefined {
  const tests = ci.filter(
    (line) => line.folder === folder && line.ecosystem === 'Rust' && line.role === 'test',
  )
  const isByPackage = tests.every(({ words }) => words.some((word) => /^(?:-p|--package)(?:=|$)/.test(word)))
  if (tests.length === 0 || !isByPackage || plan.checks.length === 0) return undefined
  const widest = new Map<
    string,
    { readonly options: string; readonly width: number; readonly line: SaidLine }
  >()
  for (const line of tests.filter(({ needsMore }) => !needsMore)) {
    const form = cargoForm(line)
    const [, name, options = ''] =
      /^cargo test (?:-p|--package) ([\w-]+)((?: --(?:all-features|all-targets|features [\w,/-]+))*)$/.exec(
        form?.command ?? '',
      ) ?? []
    if (form === undefined || name === undefined) continue
    const known = widest.get(name)
    if (known === undefined || known.width < form.width)
      widest.set(name, { options, width: form.width, line })
  }
  const groups = Map.groupBy(widest, ([, { options }]) => options)
  if (groups.size === 0 || groups.size > MOST_GROUPS) return undefined
  const checks = [...groups].map(
    ([options, members]) => `cargo test ${members.map(([name]) => `-p ${name}`).join(' ')}${options}`,
  )
  const evidence = [...groups.values()].flatMap(([first]) => (first ? [evidenceOf(first[1].line)] : []))
  return { ...plan, checks, evidence: [...evidence, ...(plan.evidence ?? [])] }
}

/** The plan of a Perl distribution that CI builds and tests with make; undefined for others. */
function testsOfMake(
  plan: EcosystemPlan,
  ci: readonly SaidLine[],
  folder: string,
): EcosystemPlan | undefined {
  const line = ci.find(({ folder: place, words }) => place === folder && words.join(' ') === 'make test')
  if (line === undefined || plan.source !== 'Makefile.PL') return undefined
  return { ...plan, checks: ['perl Makefile.PL && make && make test'], evidence: [evidenceOf(line)] }
}
