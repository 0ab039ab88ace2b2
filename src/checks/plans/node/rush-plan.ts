import type { Folder } from '../../project.ts'
import { evidenceOf, type SaidOutside } from '../ci/said-lines.ts'
import type { EcosystemPlan } from '../plan.ts'

/** The repository's own starter, which downloads the version of Rush that the repository names. */
const START = 'node common/scripts/install-run-rush.js'
const CALL = /(?:^|\/install-run-)rush(?:\.js)? ([\w:-]+)/

/** Plans a repository of Rush by the commands that CI runs, since their names differ; undefined for other repositories. */
export function rushPlan(folder: Folder, { all }: SaidOutside): EcosystemPlan | undefined {
  if (!folder.has('rush.json')) return undefined
  const own = all.filter((line) => line.folder === folder.name)
  const calls = own.flatMap((line) => {
    const name = CALL.exec(line.command)?.[1]
    return name === undefined ? [] : [{ line, name }]
  })
  const test = calls.find(({ name }) => /^(?:re)?test(?:[:-](?:ci|unit|all))?$/.test(name))
  const build = calls.find(({ name }) => /^(?:re)?build$/.test(name))
  const commands = [...(build === undefined ? [] : [build]), ...(test === undefined ? [] : [test])]
  return {
    ecosystem: 'JavaScript',
    source: 'rush.json',
    setup: [`${START} install`],
    checks: test === undefined ? [] : [commands.map(({ name }) => `${START} ${name}`).join(' && ')],
    evidence: test === undefined ? [] : [evidenceOf(test.line)],
  }
}
