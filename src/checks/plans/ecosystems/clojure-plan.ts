import type { Folder } from '../../project.ts'
import type { EcosystemPlan } from '../plan.ts'

/** A folder of tests among the paths of an alias. */
const TEST_PATH = /"(?:[\w./-]*\/)?tests?"/
/** The start of the next alias, as opposed to a key inside an alias. */
const NEXT =
  /\s:(?!(?:extra|replace|default|override)-|main-|exec-|jvm-|ns-|deps\b|paths\b)[\w./-]{1,60}\s{1,40}\{/
const MOST_LETTERS = 2000

/** Plans for Leiningen, for the Clojure CLI with an alias for tests, or for babashka; undefined without their files. */
export async function clojurePlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  if (folder.has('project.clj'))
    return { ecosystem: 'Clojure', source: 'project.clj', setup: [], checks: ['lein test'] }
  const source = ['deps.edn', 'bb.edn'].find(folder.has)
  if (source === undefined) return undefined
  const text = (await folder.read(source)) ?? ''
  if (folder.has('bin/kaocha')) return { ecosystem: 'Clojure', source, setup: [], checks: ['bin/kaocha'] }
  const alias = /:(test|run-tests|kaocha|unit)\s{1,9}\{/.exec(text)?.[1]
  if (source === 'bb.edn') {
    const check = /(?:^|[\s{])test(?=[\s}])/m.test(text) ? ['bb test'] : []
    return { ecosystem: 'Clojure', source, setup: [], checks: check }
  }
  const own = alias === undefined ? '' : aliasText(text, alias)
  // The alias must start a runner, and not compile ClojureScript.
  const isRunner = /:(?:main-opts|exec-fn)\b/.test(own) && !/shadow\.cljs\.devtools/.test(own)
  if (alias !== undefined && !isRunner) return { ecosystem: 'Clojure', source, setup: [], checks: [] }
  const dev = !TEST_PATH.test(own) && TEST_PATH.test(aliasText(text, 'dev')) ? 'dev:' : ''
  const option = /:exec-fn\b/.test(own) && !/:main-opts\b/.test(own) ? '-X' : '-M'
  return {
    ecosystem: 'Clojure',
    source,
    setup: [],
    checks: alias === undefined ? [] : [`clojure ${option}:${dev}${alias}`],
  }
}

/** The text of an alias in deps.edn; empty if there is none of this name. */
function aliasText(text: string, name: string): string {
  const at = text.search(new RegExp(`:${name}\\s{1,40}\\{`))
  const rest = at === -1 ? '' : text.slice(at + name.length + 1, at + MOST_LETTERS)
  const end = rest.search(NEXT)
  return end === -1 ? rest : rest.slice(0, end)
}
