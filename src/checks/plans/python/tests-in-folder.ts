import type { SaidLine } from '../ci/said-lines.ts'
import type { PythonRunner } from './python-runner.ts'
import { readPythonTest } from './said-python-test.ts'

/**
 * The way in which CI tests a project from inside its folder of tests, where relative paths in the settings of pytest hold;
 * undefined if CI also tests it otherwise, or if the tests are known to run in another way than by pytest.
 *
 * @param wanted.own lines of CI in the project's folder.
 * @param wanted.inTests lines of CI in its folders of tests.
 */
export function testsInFolder(
  runner: PythonRunner | undefined,
  { own, inTests }: { readonly own: readonly SaidLine[]; readonly inTests: readonly SaidLine[] },
): PythonRunner | undefined {
  const isKnown =
    runner !== undefined &&
    (runner.line !== undefined ||
      runner.environment !== undefined ||
      runner.tests.some(({ module }) => module !== 'pytest'))
  if (isKnown || own.some(({ role }) => role === 'test')) return undefined
  for (const line of inTests) {
    const test = line.role === 'test' && !line.needsMore ? readPythonTest(line.command) : undefined
    if (test !== undefined && 'args' in test && test.module === 'pytest' && test.isWhole)
      return { ...runner, tests: [test], line }
  }
  return undefined
}
