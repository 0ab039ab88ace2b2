import { detectEcosystems, joinPlans } from './plans/detect-ecosystems.ts'
import type { Plan } from './plans/plan.ts'
import type { Project } from './project.ts'
import { readRepoSettings } from './repo-settings.ts'

/**
 * How dependencies are installed: `setup:` in `.github/backspace.yml`, else what the lock files and manifests ask for.
 * Call it while the workspace is still the base commit: what the agent writes later has no say.
 */
export async function detectSetup(project: Project): Promise<Plan> {
  const settings = await readRepoSettings(project)
  if (settings.setup !== undefined) return { commands: settings.setup, source: settings.path ?? '' }
  const detected = joinPlans(await detectEcosystems(project), 'setup')
  return settings.problem === undefined ? detected : { ...detected, problem: settings.problem }
}
