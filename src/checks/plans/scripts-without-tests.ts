import type { Folder } from '../project.ts'
import type { SaidLine } from './ci/said-lines.ts'
import { type PackageJson, scriptText } from './node-scripts.ts'

/** A runner that looks for tests by their names, and fails if it finds none. */
const RUNNER =
  /^(?:cross-env )?(?:\w{1,40}=\S{1,60} ){0,4}(?:jest|vitest(?: run)?)(?: --?[\w-]{1,40}(?:=\S{1,60})?){0,6}$/
const TEST = /[._](?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)__tests__\//

/**
 * Whether a test script would find no tests: it looks for files that are named like tests, there are none, and CI tests
 * the folder without it, in another language.
 */
export function findsNoTests(
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
