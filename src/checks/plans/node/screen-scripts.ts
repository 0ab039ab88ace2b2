import type { SaidLine } from '../ci/said-lines.ts'
import { familyOf, isUnfit } from '../ci/said-scripts.ts'
import { dependenciesOf, hasScript, type PackageJson, reachedFrom, scriptText } from './node-scripts.ts'

/** Names of scripts for tests in a browser or on a screen. */
const SCREEN =
  /(?<!\bno-?)(?:e2e|cypress|playwright|browser(?!less|ify|slist))|(?:^|[:_-])(?:chrome|chromium|firefox|webkit|safari|edge|ie|karma|electron)(?:[:_-]|$)|sauce|webdriver|visual|storybook/i
/** Commands that open a browser or a window. */
const OPENS =
  /\b(?:playwright test|cypress (?:run|open)|wdio|testcafe|protractor|nightwatch|vscode-test|runTests?\.[cm]?js|karma start|web-test-runner|xvfb-run)\b|\s--headless\b|\b(?:turbo|nx|lerna|pnpm|yarn|npm) (?:run(?:-many)?|affected)\b.{0,300}\be2e\b/
/** Commands that run tests on Node, even if the tested code is for browsers. */
const OF_NODE =
  /^(?:cross-env (?:\w+=\S+ ){0,9})?(?:mocha|jest|vitest|ava|tape|tap|node --test)(?: (?!.*browser\.).*)?$/
const MOST_PARTS = 2

/**
 * Whether a script of a package, or one that it runs, opens a browser or a window, since a sandbox has no screen.
 *
 * @param hasBrowsers whether CI installs browsers before it: then every script that is named for them counts.
 */
export function needsScreen(own: PackageJson, name: string, hasBrowsers = false): boolean {
  return [...reachedFrom(own, name)].some((one) => {
    const text = scriptText(own, one)
    return OPENS.test(text) || (one !== name && SCREEN.test(one) && (hasBrowsers || !OF_NODE.test(text)))
  })
}

/** Commands that find no browser in a sandbox. In CI, the machine has one. */
const NEEDS_BROWSER =
  /\b(?:playwright test|cypress run|wdio|testcafe|protractor|nightwatch|karma start|web-test-runner|wtr|testem ci|ember (?:test|exam))\b/

/** Whether a script, or one that it runs, certainly needs a browser. */
export function needsBrowser(own: PackageJson, name: string): boolean {
  return [...reachedFrom(own, name)].some((one) => {
    const text = scriptText(own, one)
    return NEEDS_BROWSER.test(text) || (SCREEN.test(one) && /\bvitest\b/.test(text) && hasBrowserMode(own))
  })
}

/** Whether a package installs what lets vitest run its tests in a browser. */
function hasBrowserMode(own: PackageJson): boolean {
  return dependenciesOf(own).some((one) => /^@vitest\/browser(?:-|$)/.test(one))
}

/** A single command that tests in a browser. */
const IN_BROWSER =
  /^(?:\w+=\S+ |cross-env |(?:npx|pnpm|yarn)(?: exec)? ){0,4}(?:playwright test|cypress run|wdio|testcafe|protractor|nightwatch)\b[^&|;]*$/

/** Whether a script is one command that tests in a browser. */
export function opensBrowser(own: PackageJson, name: string): boolean {
  return IN_BROWSER.test(scriptText(own, name).trim())
}

/** Programs that npm cannot install. */
const OTHERS =
  /(?:^|[\s;&|])deno test(?=\s|$)|(?:^|[\s;&|])(?:meteor|chomp|detox|xcodebuild|adb|docker|docker-compose|podman|flutter)(?=\s)|\s--docker(?=\s|$)/

/** Whether a script, or one that it runs, needs a program that npm cannot install, such as Meteor. */
export function needsOther(own: PackageJson, name: string): boolean {
  return [...reachedFrom(own, name)].some((one) => OTHERS.test(scriptText(own, one)))
}

/** The scripts that a script runs and that test without a screen, except for those that one of them runs. */
export function partsWithoutScreen(own: PackageJson, name: string): readonly string[] {
  const parts = [...reachedFrom(own, name)].filter(
    (one) =>
      one !== name &&
      hasScript(own, one) &&
      familyOf(one) === 'test' &&
      !isUnfit(one) &&
      !isLint(one) &&
      !/^(?:pre|post)|compile|build|process|:_|func|component/.test(one) &&
      !AFFECTED.test(scriptText(own, one)) &&
      !needsScreen(own, one) &&
      !needsOther(own, one),
  )
  return parts
    .filter((one) => !parts.some((other) => other !== one && reachedFrom(own, other).has(one)))
    .slice(0, MOST_PARTS)
}

/** Commands that only test what a change reaches, which is nothing if there is no change. */
const AFFECTED = /\bnx affected\b|\s--(?:affected|onlyChanged|changedSince|changed|since)\b/

/** Plain commands that test, in the package or in each member. */
const COMMAND =
  /^(?:(?:(?:yarn|npx|pnpm exec) )?(?:mocha|jest|vitest run|ava|tape|tap|node --test)(?: [\w./:=@*-]{1,100}){0,12}|(?:pnpm|npm) (?:-r|--recursive|--workspaces|-ws)(?: run)? tests?)$/

const LAUNCHER = /^(?:yarn|npx|pnpm exec) (?=\w)/

/** The targets that nx runs in each project. */
const NX = /\bnx (?:run-many|affected)\b[^&|;]{0,200}? (?:--targets?|-t)[= ]([\w,:-]{1,300})/

/** The commands, between `&&`, of a script that needs a screen which test without one. */
export function commandsWithoutScreen(own: PackageJson, name: string): readonly string[] {
  const commands = scriptText(own, name).split('&&')
  const targets = [...reachedFrom(own, name)].flatMap(
    (one) => NX.exec(scriptText(own, one))?.[1]?.split(',') ?? [],
  )
  const tests = [...new Set(targets)].filter((one) =>
    /^(?:test|(?:test[:-])?unit|test:lib|unit-?test|vitest|jest)$/.test(one),
  )
  return [
    ...commands
      .map((one) => one.trim())
      .filter((one) => COMMAND.test(one) && !OPENS.test(one))
      .map((one) => one.replace(LAUNCHER, '')),
    ...(tests.length > 0 ? [`nx run-many --targets=${tests.join(',')}`] : []),
  ].slice(0, MOST_PARTS)
}

/** Whether a script lints or checks types, even if it is named like a test: `test:lint`. */
export function isLint(name: string): boolean {
  return /lint|types?$|typings|typecheck|format|style|prettier|spell|knip|depcheck|:code$/.test(name)
}

/** Whether a workflow or a job is for tests on a screen, by its name. */
export function isOnScreen({ file, jobName = '' }: Pick<SaidLine, 'file' | 'jobName'>): boolean {
  return SCREEN.test(file.split('/').at(-1) ?? '') || SCREEN.test(jobName)
}
