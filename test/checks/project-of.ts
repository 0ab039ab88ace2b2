import { detectRepository } from '../../src/checks/plans/detect-repository.ts'
import { checksOf, type Plan, setupOf } from '../../src/checks/plans/plan.ts'
import type { Project } from '../../src/checks/project.ts'
import { SEEN_FILES } from '../../src/checks/project-script.ts'

/**
 * A project made of these files, as `readProject` would show it: files that its scan does not list cannot be read. No
 * program is installed unless named.
 */
export function projectOf(
  files: Readonly<Record<string, string>>,
  tools: readonly string[] = [],
  toolchains: Project['toolchains'] = [],
): Project {
  return {
    files: new Set(Object.keys(files).filter((path) => SEEN_FILES.test(`./${path}`))),
    tools: new Set(tools),
    toolchains,
    read: async (path) => (SEEN_FILES.test(`./${path}`) ? files[path] : undefined),
  }
}

/** The checks that run before the agent starts. */
export async function plannedChecks(project: Project): Promise<Plan> {
  return checksOf((await detectRepository(project)).baseline)
}

/** What is installed before the agent starts, command by command. */
export async function plannedSetup(project: Project): Promise<readonly string[]> {
  return setupOf((await detectRepository(project)).baseline).flatMap(({ commands }) => commands)
}
