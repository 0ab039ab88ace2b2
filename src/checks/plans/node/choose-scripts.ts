import { inlineCode } from '../../../text/markdown/fenced.ts'
import { checkingForm } from '../ci/checking-form.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { familyOf, isUnfit, type SaidScript } from '../ci/said-scripts.ts'
import { isAvoided, isBeyond, runsBeyond, saidOf, withoutFormatting, withoutScreen } from './fit-scripts.ts'
import { fittingTests, isCoverage } from './fitting-tests.ts'
import {
  audits,
  CHECK_SCRIPTS,
  hasScript,
  type PackageJson,
  reachedFrom,
  scriptText,
  withoutAudit,
  writes,
} from './node-scripts.ts'
import { needsBrowser, needsScreen } from './screen-scripts.ts'
import { type ChosenScript, leftOutTest, oneThatEnds, otherTests, testsWithScreen } from './tests-in-part.ts'

/** One command of a linter, without quotes, pipes or variables. */
const LINTER = /^(?:eslint|biome|prettier|stylelint|standard|xo|oxlint|ts-standard)(?: [\w./,*=:@-]+){0,40}$/
const MOST_OF_CI = 2
/** Tests the grammar of a parser, where the package's own script only tests its bindings. */
const OF_GRAMMAR = 'tree-sitter test'

interface Found {
  readonly chosen: readonly ChosenScript[]
  /** The lines of CI or of texts for people that run the chosen scripts. */
  readonly evidence: readonly SaidLine[]
  readonly disagreements: readonly string[]
  /** The usual script of tests, if it is not chosen and nothing else tests. */
  readonly leftOut: string | undefined
}

interface Sources {
  readonly members: readonly PackageJson[]
  readonly ofCi: readonly SaidScript[]
  /** Scripts that CI runs in each member that has them. */
  readonly ofEach: readonly { readonly name: string; readonly line: SaidLine }[]
  /** Whether CI runs anything of JavaScript, here or in a member. */
  readonly hasCi: boolean
  /** Scripts in code blocks of texts for people; they count only if neither CI nor a usual name shows a script. */
  readonly ofTexts: readonly SaidScript[]
}

/** Chooses the scripts that check a package: per kind, those that CI runs, else the usual one, else one that its members share. */
export function chooseScripts(own: PackageJson, { members, ofCi, ofEach, ofTexts, hasCi }: Sources): Found {
  const chosen: ChosenScript[] = []
  const evidence: SaidLine[] = []
  const disagreements: string[] = []
  const covered = new Set<string>()
  for (const group of CHECK_SCRIPTS) {
    const [family] = group
    const plain = family === 'test' ? withoutScreen(own, ofCi) : []
    const usual = group.filter(
      (name) =>
        hasScript(own, name) &&
        !(family === 'test' ? isAvoided(own, name, ofCi) : audits(own, name)) &&
        !isBeyond(own, { name, family, others: plain }),
    )
    if (usual.some((name) => covered.has(name))) continue
    const isInParts = family === 'test' && group.some((name) => runsBeyond(own, name, ofCi))
    const all = saidOf(ofCi, family, own).filter(
      (one) =>
        !(isInParts && one.line.needsMore) &&
        (one.kind === 'tool' || !isBeyond(own, { name: one.name, family, others: [...usual, ...plain] })),
    )
    const said =
      family === 'test'
        ? fittingTests(own, {
            said: all,
            members,
            hasUsual: usual.length > 0 && !isAvoided(own, 'test', ofCi),
          })
        : all
    // Only the first usual name counts, since others may be one of several.
    const agreed = usual
      .slice(0, 1)
      .find((name) => said.some((one) => one.kind === 'own' && one.name === name))
    const whole =
      (family === 'test' ? usual.find((name) => includesAll(own, { name, said: all })) : undefined) ?? agreed
    const counting =
      whole === undefined
        ? said.slice(0, MOST_OF_CI)
        : [
            ...said.filter((one) => one.kind === 'tool' && one.text === OF_GRAMMAR),
            ...said.filter((one) => one.kind === 'own' && one.name === whole).slice(0, 1),
          ]
    if (counting.length > 0) {
      if (family === 'check' && counting.every((one) => one.kind === 'own' && repeats(own, one.name, chosen)))
        continue
      for (const { line, ...script } of counting) {
        chosen.push(script.kind === 'own' ? script : { ...script })
        evidence.push(line)
        if (script.kind === 'own') for (const one of reachedFrom(own, script.name)) covered.add(one)
      }
      disagreements.push(...disagreement(usual[0], whole, counting))
      continue
    }
    // Formatters count only if CI runs them.
    if (family === 'format') continue
    const name = whole ?? usual.find((one) => family === 'test' || !writes(own, one))
    if (name !== undefined) {
      // `check` would repeat a script that already runs.
      if (name === 'check' && repeats(own, name, chosen)) continue
      chosen.push({ kind: 'own', name })
      for (const one of reachedFrom(own, name)) covered.add(one)
      continue
    }
    const parts = family === 'test' ? testsWithScreen(own, { group, ofCi }) : []
    if (parts.length > 0) {
      chosen.push(...parts)
      continue
    }
    const [first] = usual
    if (first !== undefined) {
      const text = withoutWriting(scriptText(own, first))
      if (text !== undefined) chosen.push({ kind: 'tool', text, env: [] })
      continue
    }
    const isShared = (one: string) => {
      const having = members.filter((member) => hasScript(member, one))
      if (family !== 'test') return having.length > 0
      // One command runs the script in all members, and may stop at the first failure.
      const inBrowser = having.filter((member) => needsBrowser(member, one)).length
      return having.some((member) => !needsScreen(member, one)) && 2 * inBrowser < having.length
    }
    const saidOfEach = ofEach.find(
      ({ name: one, line }) =>
        family === 'test' && familyOf(one) === 'test' && !line.needsMore && !isUnfit(one) && isShared(one),
    )
    if (saidOfEach !== undefined) {
      chosen.push({ kind: 'shared', name: saidOfEach.name })
      evidence.push(saidOfEach.line)
      continue
    }
    const shared = group.find(isShared)
    // CI does not run them.
    const isLeftOut = family !== 'test' && hasCi && chosen.length > 0
    if (shared === undefined || isLeftOut) continue
    if (shared !== 'test' && members.some((member) => writes(member, shared))) continue
    if (shared !== 'check' || chosen.length === 0) chosen.push({ kind: 'shared', name: shared })
  }
  if (chosen.length > 0) {
    const plain = chosen.map((one) =>
      one.kind === 'own' ? { ...one, name: withoutFormatting(own, withoutAudit(own, one.name)) } : one,
    )
    const all = [...otherTests(own, { chosen: plain, ofCi }), ...plain]
    return { chosen: all, evidence, disagreements, leftOut: leftOutTest(own, all) }
  }
  const told = saidOf(ofTexts, 'test', own).slice(0, 1)
  const ended = oneThatEnds(own)
  const last = told.length > 0 ? told.map(({ line: _, ...script }) => script) : ended
  return {
    chosen: last,
    leftOut: leftOutTest(own, last),
    evidence: told.map(({ line }) => line),
    disagreements: [],
  }
}

/** Whether the usual script runs most scripts that CI runs one by one, and none that a sandbox cannot run. */
function includesAll(
  parsed: PackageJson,
  { name, said }: { readonly name: string; readonly said: readonly SaidScript[] },
): boolean {
  const reached = reachedFrom(parsed, name)
  const isFit = ![...reached].some(isUnfit)
  const own = said.filter((one) => one.kind === 'own' && reached.has(one.name))
  // CI may run one part as it is and the other with coverage.
  const [first] = own
  const isRest =
    own.length === 1 &&
    said.length === 2 &&
    said.some(
      (one) =>
        one.kind === 'own' &&
        isCoverage(one) &&
        [...reachedFrom(parsed, one.name)].some(
          (inner) => reached.has(inner) && inner !== (first?.kind === 'own' ? first.name : undefined),
        ),
    )
  return isFit && (isRest || (own.length > 1 && own.length >= said.length / 2))
}

function repeats(own: PackageJson, name: string, chosen: readonly ChosenScript[]): boolean {
  const reached = reachedFrom(own, name)
  return chosen.some((one) => 'name' in one && reached.has(one.name))
}

function disagreement(
  usual: string | undefined,
  agreed: string | undefined,
  counting: readonly SaidScript[],
): readonly string[] {
  const [first] = counting
  if (usual === undefined || agreed !== undefined || first === undefined) return []
  return [
    `\`package.json\` has ${inlineCode(usual, 60)}, and ${inlineCode(first.line.file, 80)} runs ${inlineCode(first.line.command, 120)}: the latter counts.`,
  ]
}

function withoutWriting(text: string): string | undefined {
  const judges = checkingForm(text.replace(/\s+/g, ' ').trim())
  return LINTER.test(judges) ? judges : undefined
}
