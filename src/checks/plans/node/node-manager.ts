import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { isWorkspaceRoot, type PackageJson } from './node-scripts.ts'

/** A package manager in the version that the repository names, and how this sandbox starts it. */
export interface NodeManager {
  readonly name: ManagerName
  /** The start of its commands: `pnpm`, `npx --yes pnpm@9.1.0`. */
  readonly program: string
  /** True for Yarn 1, whose commands differ from those of later versions. */
  readonly isClassic: boolean
  /** The lock file that counts; undefined if there is none. */
  readonly lock: string | undefined
  /** Sentences for people on lock files of other managers. */
  readonly disagreements: readonly string[]
  /** Options of CI's install command that may be needed, such as `--legacy-peer-deps`. */
  readonly options: readonly string[]
}

type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun'
const LOCKS: readonly (readonly [string, ManagerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
]
const OPTIONS =
  /^--(?:legacy-peer-deps|force|ignore-scripts|ignore-engines|no-optional|shamefully-hoist|omit=\w+)$/

/** Options with which a tool is installed for the machine, such as the manager itself: `npm i -fg corepack`. */
const GLOBAL = /^(?:--global|-[a-zA-Z]{0,3}g)$/

/**
 * Chooses the manager by `packageManager`, else by CI's install command, else by the lock file. CI counts before
 * `packageManager` if the lock file fits only the manager of CI.
 */
export function chooseManager(
  folder: Folder,
  { parsed, installs }: { readonly parsed: PackageJson; readonly installs: readonly SaidLine[] },
): NodeManager {
  const locks = LOCKS.filter(([file]) => folder.has(file))
  const named = /^(npm|pnpm|yarn|bun)(?:@(\d[\w.-]*))?/.exec(
    parsed.packageManager ?? parsed.devEngines?.packageManager?.name ?? '',
  )
  const install = installs.find(
    ({ words }) => LOCKS.some(([, name]) => name === words[0]) && !words.some((word) => GLOBAL.test(word)),
  )
  const ofCi = install?.words[0] as ManagerName | undefined
  const isKept = (manager: string | undefined) => locks.some(([, name]) => name === manager)
  const said = isKept(ofCi) && !isKept(named?.[1]) ? ofCi : undefined
  const wanted = said ?? (named?.[1] as ManagerName | undefined) ?? ofCi
  const fitting = locks.find(([, name]) => name === wanted) ?? (wanted === undefined ? locks[0] : undefined)
  const name = wanted ?? fitting?.[1] ?? 'npm'
  // A lock file of another manager counts only if `packageManager` names none.
  const lock = fitting ?? (locks.length > 0 && named === null ? locks[0] : undefined)
  const chosen = lock !== undefined && lock[1] !== name ? lock[1] : name
  const version = named?.[1] === chosen ? named[2] : undefined
  const isClassic =
    !/^(?:[2-9]|\d\d)/.test(version ?? '') && !(version === undefined && folder.has('.yarnrc.yml'))
  return {
    name: chosen,
    program: programOf(chosen, { version, isClassic, folder }),
    isClassic,
    lock: lock?.[0],
    disagreements: describeLocks(
      locks.map(([file]) => file),
      {
        lock: lock?.[0],
        because: named !== null ? '`packageManager`' : ofCi !== undefined ? 'CI' : undefined,
      },
    ),
    options: (install?.words ?? []).filter(
      // With `--ignore-scripts`, the package's native part would not be compiled. CI compiles it in another way.
      (word) => OPTIONS.test(word) && !(word === '--ignore-scripts' && folder.has('binding.gyp')),
    ),
  }
}

function describeLocks(
  files: readonly string[],
  { lock, because }: { readonly lock: string | undefined; readonly because: string | undefined },
): readonly string[] {
  const managers = new Set(LOCKS.flatMap(([file, name]) => (files.includes(file) ? [name] : [])))
  if (managers.size < 2 || lock === undefined) return []
  const why = because === undefined ? 'nothing says which of them is kept' : `${because} says so`
  return [
    `There are lock files of several package managers (${files.map((file) => `\`${file}\``).join(', ')}). \`${lock}\` counts: ${why}.`,
  ]
}

/** How to start a manager. If it is missing or of another major version, npx downloads the version that the repository names. */
function programOf(
  name: ManagerName,
  {
    version,
    isClassic,
    folder,
  }: { readonly version: string | undefined; readonly isClassic: boolean; readonly folder: Folder },
): string {
  const isHere = folder.tools.has(name) && isSameLine(folder.managers?.get(name), version)
  if (name === 'npm' || isHere) return name
  // Yarn 2 and later are not published as `yarn`.
  const published = name === 'yarn' && !isClassic ? '@yarnpkg/cli-dist' : name
  const pinned = version === undefined ? published : `${published}@${version}`
  return published === name ? `npx --yes ${pinned}` : `npx --yes -p ${pinned} yarn`
}

/** Whether both are of the same major version. True if one is unknown: then the installed one must do. */
function isSameLine(installed: string | undefined, wanted: string | undefined): boolean {
  return installed === undefined || wanted === undefined || installed.split('.')[0] === wanted.split('.')[0]
}

/** The install command, which keeps to the lock file if there is one; empty if the package has no dependencies. */
export function nodeSetup(folder: Folder, parsed: PackageJson, manager: NodeManager): readonly string[] {
  const sets = [parsed.dependencies, parsed.devDependencies, parsed.optionalDependencies]
  const needs = isWorkspaceRoot(folder, parsed) || sets.some((set) => Object.keys(set ?? {}).length > 0)
  return needs ? [[installCommand(manager), ...manager.options].join(' ')] : []
}

function installCommand({ name, program, isClassic, lock }: NodeManager): string {
  const locked = lock !== undefined
  // The command must never write a new lock file, which would look like a change by the agent.
  switch (name) {
    case 'npm':
      return locked ? 'npm ci' : 'npm install --no-package-lock'
    case 'pnpm':
      return `${program} install ${locked ? '--frozen-lockfile' : '--no-lockfile'}`
    case 'yarn':
      if (!locked) return isClassic ? `${program} install --no-lockfile` : `${program} install`
      return `${program} install ${isClassic ? '--frozen-lockfile' : '--immutable'}`
    case 'bun':
      return `${program} install ${locked ? '--frozen-lockfile' : '--no-save'}`
  }
}
