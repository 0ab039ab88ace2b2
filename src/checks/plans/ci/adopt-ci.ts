import { inlineCode } from '../../../text/markdown/fenced.ts'
import type { EcosystemPlan } from '../plan.ts'
import { checkingForm } from './checking-form.ts'
import { type Form, rulesOf } from './ecosystem-rules.ts'
import { plainForm } from './plain-form.ts'
import { commandWithEnv, evidenceOf, type SaidLine, type SaidOutside } from './said-lines.ts'

const MOST_TESTS = 2
const MOST_LINTS = 1
/** Formatters and linters that come with the language itself. */
const OWN_LINTERS =
  /^(?:cargo fmt|mix format|dart (?:format|analyze)|terraform|tofu|deno (?:lint|fmt)|gleam format)\b/

/**
 * Replaces the checks of a plan by those of CI, if these test as much as the manifests suggest: CI is what the maintainers
 * rely on. Otherwise the manifests count. If they have no checks, narrower commands and texts for people count as well.
 */
export function adoptCi(
  plan: EcosystemPlan,
  {
    folder,
    said,
    tools,
  }: {
    readonly folder: string
    readonly said: Pick<SaidOutside, 'ci' | 'documents'>
    readonly tools: ReadonlySet<string>
  },
): EcosystemPlan {
  // CI tests the modules of a Go workspace one by one, and the plan tests all of them.
  if (plan.source === 'go.work') return plan
  if (plan.source === 'stack.yaml' && usesCabal(said.ci, folder)) {
    const cabal = {
      ...plan,
      setup: ['cabal update'],
      checks: plan.checks.length > 0 ? ['cabal test all'] : [],
    }
    return adoptCi({ ...cabal, source: 'cabal.project' }, { folder, said, tools })
  }
  const isOwn = (line: SaidLine) => line.folder === folder && line.ecosystem === plan.ecosystem
  const isTest = (line: SaidLine) => isOwn(line) && line.role === 'test'
  const rules = rulesOf(plan.ecosystem)
  const forms = formsOf(rules.testsOf?.(said.ci, folder) ?? said.ci.filter(isTest))
  const isBuild = ({ command }: Form) =>
    plan.checks.length === 0 && folder !== '' && rules.onlyBuilds?.test(command) === true
  const tests = (rules.narrow?.(forms) ?? forms).filter((form) => !isBuild(form))
  const isFree = (form: Form) => !form.line.needsMore || rules.countsAnyway?.(form) === true
  const isFitting = (form: Form) => form.isWhole && rules.fits?.(form, plan) !== false
  const free = [
    ...tests.filter((form) => isFitting(form) && isFree(form)),
    ...(rules.together?.(tests) ?? []),
  ]
  const chosen =
    free.length > 0 || plan.checks.length > 0 ? free : [...tests, ...formsOf(said.documents.filter(isTest))]
  const otherwise = free.length === 0 ? rules.otherwise?.(plan, said.ci, folder) : undefined
  if (otherwise !== undefined) return otherwise
  const ownProgram = plan.checks[0]?.split(' && ').at(-1)?.split(' ', 1)[0]
  const agrees = ({ line }: Form) => Number(line.words[0] === ownProgram)
  const best = chosen
    .toSorted((a, b) => b.width - a.width || agrees(b) - agrees(a))
    .slice(0, rules.testsAtOnce ? 1 : MOST_TESTS)
  const [first] = best
  if (first === undefined) return isOtherwise(plan, said.ci, folder) ? { ...plan, checks: [] } : plan
  const checks = best.map(({ line, command }) => {
    const build = said.ci
      .slice(0, said.ci.indexOf(line))
      .find((one) => isOwn(one) && isGenerator(one) && one.job === line.job)?.command
    // If CI tests without generating sources, they are in the repository.
    const isOfCi = said.ci.includes(line) && rules.holdsBuilt === true
    const own = plan.checks.find((one) => isGenerator({ command: one }))?.split(' && ')[0]
    const before = build ?? (isOfCi ? undefined : own)
    const melos = plan.setup
      .map((one) => /^(.*melos) bootstrap$/.exec(one)?.[1])
      .find((one) => one !== undefined)
    const whole = rules.complete?.(command, said.ci.filter(isOwn), plan.checks) ?? command
    const started = melos === undefined ? whole : whole.replace(/^melos /, `${melos} `)
    return [...(before === undefined ? [] : [before]), commandWithEnv(line, started)].join(' && ')
  })
  const lints = said.ci.filter(
    (line) =>
      isOwn(line) && line.role === 'lint' && OWN_LINTERS.test(line.command) && hasFormatter(line, tools),
  )
  const judged = [...new Set(lints.map(({ command }) => checkingForm(command)))].slice(0, MOST_LINTS)
  return {
    ...plan,
    checks: [...checks, ...judged],
    evidence: [...best.map(({ line }) => evidenceOf(line)), ...(plan.evidence ?? [])],
    disagreements: [...(plan.disagreements ?? []), ...disagreement(plan, { checks, file: first.line.file })],
  }
}

/** Whether CI tests a folder by make or a program, and never by the runner that the names of files suggest. */
function isOtherwise({ ecosystem }: EcosystemPlan, ci: readonly SaidLine[], folder: string): boolean {
  const tests = ci.filter((line) => line.folder === folder && line.role === 'test')
  return (
    rulesOf(ecosystem).isByNames === true &&
    tests.every((line) => line.ecosystem !== ecosystem) &&
    tests.some((line) => /^(?:make|CI)$/.test(line.ecosystem) && !line.needsMore)
  )
}

/** Whether a command generates sources or compiles extensions, which tests need. */
function isGenerator({ command }: { readonly command: string }): boolean {
  return /^(?:(?:dart|flutter) (?:pub )?run build_runner build|(?:bundle exec )?rake compile|deno task (?:build|compile|codegen|generate)[\w:-]*)(?: |$)/.test(
    command,
  )
}

/** Whether CI uses cabal and never stack. */
function usesCabal(ci: readonly SaidLine[], folder: string): boolean {
  const own = ci.filter((line) => line.folder === folder && line.ecosystem === 'Haskell')
  const uses = (program: string) => own.some(({ words }) => words[0] === program)
  return uses('cabal') && !uses('stack')
}

/** Whether the formatter of a line is installed: rustup may install Rust without `cargo fmt`. */
function hasFormatter({ command }: SaidLine, tools: ReadonlySet<string>): boolean {
  return !command.startsWith('cargo fmt') || tools.has('cargo-fmt')
}

/** The forms of the lines, each once, in the order of CI, from the job that needs the least. */
function formsOf(lines: readonly SaidLine[]): readonly Form[] {
  const forms = new Map<string, Form>()
  for (const line of lines) {
    const form = plainForm(line)
    const id = form?.command.replace(/^\.\//, '') ?? ''
    const known = forms.get(id)
    if (form !== undefined && (known === undefined || needOf(line) < needOf(known.line)))
      forms.set(id, { ...form, line })
  }
  return [...forms.values()]
}

/** How much a line's job needs beyond a sandbox: 0 is nothing, 1 a container, 2 services or a screen. */
function needOf({ needsMore, inContainer }: SaidLine): number {
  return needsMore ? 2 : inContainer === true ? 1 : 0
}

/** A sentence if the manifest suggests another command than the one that counts; else none. */
export function disagreement(
  { source, checks: own }: Pick<EcosystemPlan, 'source' | 'checks'>,
  { checks, file }: { readonly checks: readonly string[]; readonly file: string },
): readonly string[] {
  const [meant] = own
  const [counts] = checks
  const bare = checks.map((command) => command.replace(/^(?:[A-Za-z_]\w*=\S* )+/, ''))
  if (meant === undefined || counts === undefined || bare.includes(meant)) return []
  return [
    `${inlineCode(source, 80)} means ${inlineCode(meant, 120)}, and ${inlineCode(file, 80)} runs ${inlineCode(counts, 120)}: the latter counts.`,
  ]
}
