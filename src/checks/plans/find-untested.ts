import { isTestFile } from '../file-roles.ts'
import type { Project } from '../project.ts'
import { fileKind } from './languages.ts'
import { isOthers } from './own-folders.ts'
import type { ProjectPlan, UncheckedPart } from './plan.ts'
import { projectsHolding } from './projects-holding.ts'

const MOST = 10

/** Folders with files of tests that no check runs. */
export function findUntested({ files }: Project, projects: readonly ProjectPlan[]): readonly UncheckedPart[] {
  const found = new Map<string, string>()
  for (const file of files) {
    if (found.size >= MOST) break
    if (!isTestFile(file) || isOthers(file) || fileKind(file).kind === 'data') continue
    const { holders } = projectsHolding(projects, file)
    if (holders.some(({ checks }) => checks.length > 0)) continue
    const folder = holders[0]?.folder ?? file.split('/').slice(0, -1)[0] ?? ''
    if (!found.has(folder)) found.set(folder, file)
  }
  return [...found].map(([path, file]) => ({
    path,
    reason: `it has tests (\`${file}\`), and nothing says how they are run`,
  }))
}
