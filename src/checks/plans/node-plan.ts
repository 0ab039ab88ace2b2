import { z } from 'zod'
import type { Folder } from '../folder.ts'
import type { EcosystemPlan } from './plan.ts'

const manifest = z.object({
  packageManager: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.unknown()).optional().catch(undefined),
  workspaces: z.unknown().optional(),
  dependencies: z.unknown().optional(),
  devDependencies: z.unknown().optional(),
  optionalDependencies: z.unknown().optional(),
})
type Manifest = z.infer<typeof manifest>

/** Scripts that are run as checks, in this order; of a group the first one that there is. */
const CHECK_SCRIPTS = [['test'], ['lint'], ['typecheck', 'type-check', 'check:types']]

/** npm writes this one into every new package: `echo "Error: no test specified" && exit 1`. */
const NO_TEST = /no test specified/

type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun'
const LOCKS: readonly (readonly [string, Manager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
]

export async function nodePlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('package.json')
  if (text === undefined) return undefined
  const parsed = readManifest(text)
  if (parsed === undefined) return undefined
  const [lock, locked] = LOCKS.find(([file]) => folder.has(file)) ?? []
  const named = /^(npm|pnpm|yarn|bun)(?:@(\d[\w.-]*))?/.exec(parsed.packageManager ?? '')
  const manager = (named?.[1] as Manager | undefined) ?? locked ?? 'npm'
  const program = programOf(manager, named?.[2], folder)
  return {
    source: lock ?? 'package.json',
    setup: needsInstall(parsed)
      ? [installCommand({ manager, program, parsed, locked: lock !== undefined })]
      : [],
    checks: checkScripts(parsed).map((script) => scriptCommand(manager, program, script)),
  }
}

function readManifest(text: string): Manifest | undefined {
  try {
    return manifest.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** A manager that the sandbox lacks is fetched by npm, in the version that the repository names. */
function programOf(manager: Manager, version: string | undefined, folder: Folder): string {
  if (manager === 'npm' || folder.tools.has(manager)) return manager
  // The package `yarn` ends at 1.22; later versions are published under another name.
  const name =
    manager === 'yarn' && version !== undefined && !version.startsWith('1.') ? '@yarnpkg/cli-dist' : manager
  const pinned = version === undefined ? name : `${name}@${version}`
  return name === manager ? `npx --yes ${pinned}` : `npx --yes -p ${pinned} yarn`
}

function needsInstall({
  dependencies,
  devDependencies,
  optionalDependencies,
  workspaces,
}: Manifest): boolean {
  const sets = [dependencies, devDependencies, optionalDependencies]
  return workspaces !== undefined || sets.some((set) => Object.keys(set ?? {}).length > 0)
}

function installCommand({
  manager,
  program,
  parsed,
  locked,
}: {
  readonly manager: Manager
  readonly program: string
  readonly parsed: Manifest
  readonly locked: boolean
}): string {
  // Without a lock file none is written: it would look like a change of the agent's.
  switch (manager) {
    case 'npm':
      return locked ? 'npm ci' : 'npm install --no-package-lock'
    case 'pnpm':
      return `${program} install ${locked ? '--frozen-lockfile' : '--no-lockfile'}`
    case 'yarn':
      if (!locked) return `${program} install`
      return `${program} install ${isYarnClassic(parsed) ? '--frozen-lockfile' : '--immutable'}`
    case 'bun':
      return `${program} install ${locked ? '--frozen-lockfile' : '--no-save'}`
  }
}

function isYarnClassic({ packageManager }: Manifest): boolean {
  return !/^yarn@(?:[2-9]|\d\d)/.test(packageManager ?? '')
}

function checkScripts({ scripts = {} }: Manifest): readonly string[] {
  return CHECK_SCRIPTS.flatMap((group) => {
    const found = group.find((name) => {
      const script = scripts[name]
      return typeof script === 'string' && script.trim() !== '' && !NO_TEST.test(script)
    })
    return found === undefined ? [] : [found]
  })
}

function scriptCommand(manager: Manager, program: string, script: string): string {
  return manager === 'npm' && script === 'test' ? 'npm test' : `${program} run ${script}`
}
