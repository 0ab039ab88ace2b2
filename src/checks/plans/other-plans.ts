import type { Folder } from '../project.ts'
import { dotnetPlan } from './dotnet-plan.ts'
import { jvmPlans } from './jvm-plans.ts'
import type { EcosystemPlan } from './plan.ts'
import { readToml } from './read-manifest.ts'
import {
  clojurePlan,
  dartPlan,
  denoPlan,
  erlangPlan,
  phpPlan,
  rubyPlan,
  terraformPlan,
} from './script-plans.ts'
import { simplePlans } from './simple-plans.ts'

/** The plans of ecosystems other than JavaScript, Python, C and C++, as their manifests say it. */
export async function otherPlans(folder: Folder): Promise<readonly EcosystemPlan[]> {
  const jvm = await jvmPlans(folder)
  const others = await Promise.all([
    cargoPlan(folder),
    rubyPlan(folder),
    phpPlan(folder),
    dotnetPlan(folder),
    denoPlan(folder),
    dartPlan(folder),
    erlangPlan(folder),
    clojurePlan(folder),
    folder.name === '' ? terraformPlan(folder) : undefined,
  ])
  const found = [...(await simplePlans(folder)), ...jvm, ...others.filter((plan) => plan !== undefined)]
  // A pom.xml beside these is how they are published.
  const hasOwnTool = found.some(({ ecosystem }) => ecosystem === 'Clojure' || ecosystem === 'Scala')
  return hasOwnTool ? found.filter(({ ecosystem }) => ecosystem !== 'Maven') : found
}

/** If the root of a workspace is a package too, cargo tests only that package without `--workspace`. */
async function cargoPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('Cargo.toml')
  if (text === undefined) return undefined
  const all = readToml(text).workspace === undefined ? '' : ' --workspace'
  return { ecosystem: 'Rust', source: 'Cargo.toml', setup: ['cargo fetch'], checks: [`cargo test${all}`] }
}

/** Bazel, where nothing else has checks: many have its files for those who use it. */
export function bazelPlan(folder: Folder): EcosystemPlan | undefined {
  const source = ['MODULE.bazel', 'WORKSPACE', 'WORKSPACE.bazel'].find(folder.has)
  if (source === undefined) return undefined
  return { ecosystem: 'Bazel', source, setup: [], checks: ['bazel test //...'] }
}
