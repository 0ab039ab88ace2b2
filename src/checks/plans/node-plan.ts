import type { Folder } from '../project.ts'
import {
  type ChosenScript,
  chooseScripts,
  hasScript,
  type PackageJson,
  parsePackage,
  readMembers,
} from './node-scripts.ts'
import type { EcosystemPlan } from './plan.ts'

/** Names of files that `bun test` runs. */
const BUN_TEST = /[._](?:test|spec)\.[cm]?[jt]sx?$/

type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun'
const LOCKS: readonly (readonly [string, Manager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
]

/**
 * @param wanted.buildsFirst whether a workspace is built before its tests, which may import what its members build.
 * @param wanted.ofCi names of scripts that CI runs as checks; they count if the package has none with a usual name.
 */
export async function nodePlan(
  folder: Folder,
  {
    buildsFirst = false,
    ofCi = [],
  }: { readonly buildsFirst?: boolean; readonly ofCi?: readonly string[] } = {},
): Promise<EcosystemPlan | undefined> {
  const parsed = parsePackage(await folder.read('package.json'))
  if (parsed === undefined) return undefined
  const [lock, locked] = LOCKS.find(([file]) => folder.has(file)) ?? []
  const named = /^(npm|pnpm|yarn|bun)(?:@(\d[\w.-]*))?/.exec(parsed.packageManager ?? '')
  const manager = (named?.[1] as Manager | undefined) ?? locked ?? 'npm'
  const program = programOf(manager, named?.[2], folder)
  const checks = await checkCommands(folder, { manager, program, parsed, ofCi })
  const builds =
    buildsFirst && checks.length > 0 && isWorkspaceRoot(folder, parsed) && hasScript(parsed, 'build')
  return {
    ecosystem: 'JavaScript',
    source: lock ?? 'package.json',
    setup: needsInstall(folder, parsed)
      ? [installCommand({ manager, program, parsed, locked: lock !== undefined })]
      : [],
    checks: builds ? [scriptCommand({ manager, program }, 'build'), ...checks] : checks,
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

function needsInstall(folder: Folder, parsed: PackageJson): boolean {
  const sets = [parsed.dependencies, parsed.devDependencies, parsed.optionalDependencies]
  return isWorkspaceRoot(folder, parsed) || sets.some((set) => Object.keys(set ?? {}).length > 0)
}

function isWorkspaceRoot(folder: Folder, { workspaces }: PackageJson): boolean {
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
  readonly parsed: PackageJson
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

function isYarnClassic({ packageManager }: PackageJson): boolean {
  return !/^yarn@(?:[2-9]|\d\d)/.test(packageManager ?? '')
}

interface NodeProject {
  readonly manager: Manager
  readonly program: string
  readonly parsed: PackageJson
}

async function checkCommands(
  folder: Folder,
  { ofCi, ...project }: NodeProject & { readonly ofCi: readonly string[] },
): Promise<readonly string[]> {
  const { manager, program, parsed } = project
  const members = isWorkspaceRoot(folder, parsed) ? await readMembers(folder) : []
  const commands = chooseScripts(parsed, members).map((script) => commandOf(project, script))
  if (commands.length > 0) return commands
  const named = ofCi.filter((name) => hasScript(parsed, name))
  if (named.length > 0) return named.map((name) => scriptCommand(project, name))
  if (manager !== 'bun') return []
  // Bun runs tests without a script.
  return folder.files.some((file) => BUN_TEST.test(file)) ? [`${program} test`] : []
}

function commandOf(project: NodeProject, script: ChosenScript): string {
  if (script.kind === 'linter') return programCommand(project, script.text)
  return script.kind === 'own' ? scriptCommand(project, script.name) : workspacesCommand(project, script.name)
}

/** Runs a program of an installed package. */
function programCommand({ manager, program }: NodeProject, text: string): string {
  if (manager === 'npm') return `npx --no-install ${text}`
  return manager === 'pnpm' ? `${program} exec ${text}` : `${program} run ${text}`
}

function scriptCommand(
  { manager, program }: Pick<NodeProject, 'manager' | 'program'>,
  script: string,
): string {
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
