import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { type PackageJson, scriptText } from './node-scripts.ts'
import type { ChosenScript } from './tests-in-part.ts'

/** A runner that looks for tests by their names, and fails if it finds none. */
const RUNNER =
  /^(?:cross-env )?(?:\w{1,40}=\S{1,60} ){0,4}(?:jest|vitest(?: run)?)(?: --?[\w-]{1,40}(?:=\S{1,60})?){0,6}$/
const TEST = /[._](?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)__tests__\//

/**
 * Whether a test script would find no tests: it looks for files that are named like tests, there are none, and CI tests
 * the folder without it, in another language.
 */
function findsNoTests(
  folder: Folder,
  {
    parsed,
    name,
    ci,
  }: { readonly parsed: PackageJson; readonly name: string; readonly ci: readonly SaidLine[] },
): boolean {
  // Packages inside have runners of their own, for a browser as a rule.
  const inner = folder.files
    .filter((file) => file.endsWith('/package.json'))
    .map((file) => file.slice(0, -12))
  const tests = ci.filter((line) => line.folder === folder.name && line.role === 'test')
  return (
    RUNNER.test(scriptText(parsed, name).trim()) &&
    tests.length > 0 &&
    tests.every(({ ecosystem }) => ecosystem !== 'JavaScript') &&
    !folder.files.some((file) => TEST.test(file) && !inner.some((start) => file.startsWith(start)))
  )
}

/** A script that is one program of the repository: `node ./scripts/test.js`. */
const PROGRAM = /^node (?:\.\/)?([\w./-]{1,200}\.[cm]?js)$/
/** An import of what drives a browser. */
const DRIVES =
  /(?:require\(|from |import\()\s{0,9}["'](?:testcafe|puppeteer(?:-core)?|playwright(?:-\w{1,20})?|karma|selenium-webdriver|nightwatch)["']/

/**
 * The scripts that can test something here, and the first one that cannot: it would find no tests, or it starts a program
 * of the repository that drives a browser.
 */
export async function withoutIdle(
  folder: Folder,
  {
    parsed,
    wanted,
    ci,
  }: {
    readonly parsed: PackageJson
    readonly wanted: readonly ChosenScript[]
    readonly ci: readonly SaidLine[]
  },
): Promise<{ readonly chosen: readonly ChosenScript[]; readonly inBrowser: string | undefined }> {
  const driving = new Set<string>()
  for (const one of wanted) {
    const program = one.kind === 'own' ? PROGRAM.exec(scriptText(parsed, one.name).trim())?.[1] : undefined
    if (one.kind === 'own' && program !== undefined && DRIVES.test((await folder.read(program)) ?? ''))
      driving.add(one.name)
  }
  const chosen = wanted.filter(
    (one) =>
      one.kind !== 'own' || !(driving.has(one.name) || findsNoTests(folder, { parsed, name: one.name, ci })),
  )
  return { chosen, inBrowser: [...driving][0] }
}
