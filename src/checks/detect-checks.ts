import { detectEcosystems, joinPlans } from './plans/detect-ecosystems.ts'
import type { Plan } from './plans/plan.ts'
import type { Project } from './project.ts'
import { readRepoSettings } from './repo-settings.ts'

/**
 * The repository's own checks: `checks:` in `.github/backspace.yml`, else the tests and linters of its ecosystems.
 * Call it while the workspace is still the base commit: what the agent writes later has no say.
 */
export async function detectChecks(project: Project): Promise<Plan> {
  const settings = await readRepoSettings(project)
  if (settings.checks !== undefined) return { commands: settings.checks, source: settings.path ?? '' }
  const detected = joinPlans(await detectEcosystems(project), 'checks')
  return settings.problem === undefined ? detected : { ...detected, problem: settings.problem }
}
