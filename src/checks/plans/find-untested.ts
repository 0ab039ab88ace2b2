import type { Project } from '../project.ts'
import { fileKind } from './languages.ts'
import { isOthers } from './own-folders.ts'
import type { ProjectPlan, UncheckedPart } from './plan.ts'
import { holdingIn } from './projects-holding.ts'

const MOST = 10
/** By its name: a folder of tests holds other files, too. */
const TEST = /(?:^|\/)test_[^/]+$|(?:[._-](?:test|spec)|Tests?)\.\w{1,5}$|\.bats$/

/** Folders with files of tests that no check runs. */
export function findUntested({ files }: Project, projects: readonly ProjectPlan[]): readonly UncheckedPart[] {
  const found = new Map<string, string>()
  const holdingOf = holdingIn(projects)
  for (const file of files) {
    if (found.size >= MOST) break
    if (!TEST.test(file) || isOthers(file) || !isCode(file)) continue
    const { holders } = holdingOf(file)
    if (holders.some(({ checks }) => checks.length > 0)) continue
    const folder = holders[0]?.folder ?? file.split('/').slice(0, -1)[0] ?? ''
    if (!found.has(folder)) found.set(folder, file)
  }
  return [...found].map(([path, file]) => ({
    path,
    reason: `it has tests (\`${file}\`), and nothing says how they are run`,
  }))
}

function isCode(file: string): boolean {
  const { kind } = fileKind(file)
  return kind === 'source' || kind === 'shared' || file.endsWith('.bats')
}
