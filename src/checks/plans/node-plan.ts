import { z } from 'zod'
import type { Folder } from '../project.ts'
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

/** Scripts that are checks, in this order; the first existing one of each group runs. */
const CHECK_SCRIPTS = [['test'], ['lint'], ['typecheck', 'type-check', 'check:types']]

/** The test script that npm writes into every new package: `echo "Error: no test specified" && exit 1`. */
const NO_TEST = /no test specified/

/** Names of files that `bun test` runs. */
const BUN_TEST = /[._](?:test|spec)\.[cm]?[jt]sx?$/

/** Members of a workspace whose scripts are read. */
const MAX_MEMBERS = 50

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
    setup: needsInstall(folder, parsed)
      ? [installCommand({ manager, program, parsed, locked: lock !== undefined })]
      : [],
    checks: await checkCommands(folder, { manager, program, parsed }),
  }
}

function readManifest(text: string): Manifest | undefined {
  try {
    return manifest.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** npx downloads a manager that is not installed, or is of another line, in the version that the repository names. */
function programOf(manager: Manager, version: string | undefined, folder: Folder): string {
  if (
    manager === 'npm' ||
    (folder.tools.has(manager) && isSameLine(folder.managers?.get(manager), version))
  ) {
    return manager
  }
  // Yarn 2 and later are not published as `yarn`.
  const name =
    manager === 'yarn' && version !== undefined && !version.startsWith('1.') ? '@yarnpkg/cli-dist' : manager
  const pinned = version === undefined ? name : `${name}@${version}`
  return name === manager ? `npx --yes ${pinned}` : `npx --yes -p ${pinned} yarn`
}

/** True where a version is not known: then what is installed must do. */
function isSameLine(installed: string | undefined, wanted: string | undefined): boolean {
  return installed === undefined || wanted === undefined || installed.split('.')[0] === wanted.split('.')[0]
}

function needsInstall(folder: Folder, parsed: Manifest): boolean {
  const sets = [parsed.dependencies, parsed.devDependencies, parsed.optionalDependencies]
  return isWorkspaceRoot(folder, parsed) || sets.some((set) => Object.keys(set ?? {}).length > 0)
}

function isWorkspaceRoot(folder: Folder, { workspaces }: Manifest): boolean {
  return workspaces !== undefined || folder.has('pnpm-workspace.yaml')
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
  // Never write a new lock file: it would look like a change by the agent.
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

interface NodeProject {
  readonly manager: Manager
  readonly program: string
  readonly parsed: Manifest
}

async function checkCommands(folder: Folder, project: NodeProject): Promise<readonly string[]> {
  const { manager, program, parsed } = project
  const members = isWorkspaceRoot(folder, parsed) ? await readMembers(folder) : []
  const commands = CHECK_SCRIPTS.flatMap((group) => {
    const own = group.find((name) => hasScript(parsed, name))
    if (own !== undefined) return [scriptCommand(manager, program, own)]
    const shared = group.find((name) => members.some((member) => hasScript(member, name)))
    return shared === undefined ? [] : [workspacesCommand(project, shared)]
  })
  if (commands.length > 0 || manager !== 'bun') return commands
  // Bun runs tests without a script.
  return folder.files.some((file) => BUN_TEST.test(file)) ? [`${program} test`] : []
}

async function readMembers(folder: Folder): Promise<readonly Manifest[]> {
  const paths = folder.files.filter((file) => file.endsWith('/package.json')).slice(0, MAX_MEMBERS)
  const texts = await Promise.all(paths.map(folder.read))
  return texts.flatMap((text) => readManifest(text ?? '') ?? [])
}

function hasScript({ scripts = {} }: Manifest, name: string): boolean {
  const script = scripts[name]
  return typeof script === 'string' && script.trim() !== '' && !NO_TEST.test(script)
}

function scriptCommand(manager: Manager, program: string, script: string): string {
  return manager === 'npm' && script === 'test' ? 'npm test' : `${program} run ${script}`
}

/** Runs a script in every member of the workspace that has it. */
function workspacesCommand({ manager, program, parsed }: NodeProject, script: string): string {
  switch (manager) {
    case 'pnpm':
      return `${program} --recursive --if-present run ${script}`
    case 'yarn':
      // Yarn 1 stops at a member without the script; npm skips it, and runs what yarn installed.
      if (isYarnClassic(parsed)) return `npm run ${script} --workspaces --if-present`
      return `${program} workspaces foreach --all run ${script}`
    case 'bun':
      return `${program} run --filter '*' ${script}`
    case 'npm':
      return `npm run ${script} --workspaces --if-present`
  }
}
