import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'
import type { PythonNeeds } from './python-needs.ts'
import type { PythonRunner } from './python-runner.ts'

type LockTool = 'uv' | 'poetry' | 'pdm'
const RUNNER = /^\s{0,9}pytest\b(?![-.])/i

/**
 * The manager whose lock file counts: one that can read the manifest, since uv and pdm cannot install a project that is only
 * described for poetry. Of several, the one that CI installs with comes first, then uv.
 */
export function chosenLock(
  folder: Folder,
  { manifests, installs }: { readonly manifests: PythonManifests; readonly installs: readonly SaidLine[] },
): LockTool | undefined {
  const { pyproject } = manifests
  const isProject = valueAt(pyproject, ['project']) !== undefined
  const isWorkspace = valueAt(pyproject, ['tool', 'uv', 'workspace']) !== undefined
  const isPoetry = valueAt(pyproject, ['tool', 'poetry']) !== undefined
  const fits: Readonly<Record<LockTool, boolean>> = {
    uv: isProject || isWorkspace || !isPoetry,
    poetry: true,
    pdm: isProject || !isPoetry,
  }
  const there = (['uv', 'poetry', 'pdm'] as const).filter((tool) => folder.has(`${tool}.lock`) && fits[tool])
  return there.find((tool) => installs.some(({ words }) => words[0] === tool)) ?? there[0]
}

/** Whether the folder has a lock file of a manager, or a Pipfile. */
export function hasLock(folder: Folder): boolean {
  return ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile'].some(folder.has)
}

/** Whether the tests run in an environment of tox, nox or hatch that brings pytest, which the manifest does not list for tests. */
export function isBesideLock(
  runner: PythonRunner | undefined,
  { grouped, dependencies }: PythonNeeds,
): boolean {
  const brings = runner?.environment?.requirements.some((one) => RUNNER.test(one)) === true
  return brings && ![...grouped, ...dependencies].some((one) => RUNNER.test(one))
}
