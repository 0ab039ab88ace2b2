import { inlineCode } from '../../text/markdown/fenced.ts'
import type { Project } from '../project.ts'
import { hasTests } from './choose-baseline.ts'
import { fileKind } from './languages.ts'
import { isBeside, isOthers } from './own-folders.ts'
import type { ProjectPlan, UncheckedPart } from './plan.ts'
import { holdingIn } from './projects-holding.ts'

const MOST = 10
/** The fewest files with which a folder named for tests counts, unless it is at the root. */
const FEWEST = 3
/** Names of files with tests. The folder does not count, since folders of tests hold other files as well. */
const TEST =
  /(?:^|\/)test_[^/]+$|(?:[._-](?:test|spec)|Tests?)\.\w{1,6}$|(?:^|\/)tests?\/(?:run_?)?tests?\.\w{1,6}$|\.bats$/

/** A folder named for tests: `tests`, `test1`, `unittest`, `regression_testing`, `t`. */
const OF_TESTS =
  /^((?:[\w.-]+\/){0,2}(?:(?:(?:unit|api|func(?:tional)?|integration|regress(?:ion)?)[_-]?)?test(?:s|ing)?\d{0,2}|regressions?|testes|specs?|t))\//

/** Folders with files of tests that no check runs. */
export function findUntested({ files }: Project, projects: readonly ProjectPlan[]): readonly UncheckedPart[] {
  const found = new Map<string, string>()
  const holdingOf = holdingIn(projects)
  for (const file of files) {
    if (found.size >= MOST) break
    if (!TEST.test(file) || isOthers(file) || !isCode(file)) continue
    const { holders } = holdingOf(file)
    if (holders.some(hasTests)) continue
    const folder = holders[0]?.folder ?? file.split('/').slice(0, -1)[0] ?? ''
    if (!found.has(folder)) found.set(folder, file)
  }
  const scripts = projects.flatMap((one) =>
    one.leftOut === undefined || hasTests(one) || found.has(one.folder) || isBeside(one.folder)
      ? []
      : [scriptLeftOut(one)],
  )
  const told = [...found].map(([path, file]) => ({
    path,
    reason: `it has tests (\`${file}\`), and nothing says how they are run`,
  }))
  const all = [...scripts, ...told].slice(0, MOST)
  const isChecked = projects.some(hasTests)
  return all.length > 0 || isChecked ? all : foldersOfTests(files)
}

function scriptLeftOut({ folder, leftOut = '' }: ProjectPlan): UncheckedPart {
  return {
    path: folder,
    reason: `its script ${inlineCode(leftOut, 60)} is left out, since it does not end or needs a browser, a screen or another program`,
  }
}

/** Folders whose names say that they have tests. They count only if no other test was found and no project is tested. */
function foldersOfTests(files: ReadonlySet<string>): readonly UncheckedPart[] {
  const counts = new Map<string, number>()
  for (const file of files) {
    const folder = OF_TESTS.exec(file)?.[1]
    if (folder !== undefined && !isOthers(file) && isCode(file))
      counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts]
    .filter(([path, count]) => count >= (path.includes('/') ? FEWEST : 1))
    .slice(0, MOST)
    .map(([path]) => ({
      path,
      reason: 'it is named like a folder of tests, and nothing says how they are run',
    }))
}

function isCode(file: string): boolean {
  const { kind } = fileKind(file)
  return kind === 'source' || kind === 'shared' || /\.(?:bats|t|csproj|fsproj)$/.test(file)
}
