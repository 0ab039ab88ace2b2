import type { SaidLine } from '../ci/said-lines.ts'
import type { PythonManifests } from './python-manifests.ts'
import type { PythonNeeds } from './python-needs.ts'
import type { PythonRunner } from './python-runner.ts'

/** What is known of a Python project when its set-up is planned. */
export interface SetupSources {
  readonly manifests: PythonManifests
  readonly needs: PythonNeeds
  readonly runner: PythonRunner | undefined
  /** Lines of the CI job that tests, from which the installed packages are read. */
  readonly installs: readonly SaidLine[]
  /** Whether the project gets a virtual environment in its folder; else it shares the one at the root of the workspace. */
  readonly ownEnvironment: boolean
}
