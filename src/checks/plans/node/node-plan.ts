import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import { memberScript } from '../ci/member-script.ts'
import { evidenceOf, type SaidLine, type SaidOutside } from '../ci/said-lines.ts'
import { familyOf, saidScripts, scriptsOfEach } from '../ci/said-scripts.ts'
import type { EcosystemPlan } from '../plan.ts'
import { chooseScripts } from './choose-scripts.ts'
import { compilingScript } from './compiled-tests.ts'
import { chooseManager, type NodeManager, nodeSetup } from './node-manager.ts'
import {
  hasProgram,
  hasScript,
  isWorkspaceRoot,
  type PackageJson,
  parsePackage,
  readMembers,
  scriptText,
} from './node-scripts.ts'
import { rushPlan } from './rush-plan.ts'
import { needsOther } from './screen-scripts.ts'
import { withoutIdle } from './scripts-without-tests.ts'
import type { ChosenScript } from './tests-in-part.ts'

/** Names of files that `bun test` runs, and those that `node --test` does. */
const BUN_TEST = /[._](?:test|spec)\.[cm]?[jt]sx?$/
const MOST_READ = 8
const NODE_TEST = /(?:^|\/)(?:[\w-]+[.-]test|test-[\w-]+)\.[cm]?js$/

/**
 * Plans how a JavaScript project in a folder is installed and tested; undefined without a package.json.
 *
 * @param said lines of CI, which show the scripts that are checks, and whether a workspace is built before its tests.
 */
export async function nodePlan(folder: Folder, said: SaidOutside): Promise<EcosystemPlan | undefined> {
  const parsed = parsePackage(await folder.read('package.json'))
  const rush = rushPlan(folder, said)
  if (parsed === undefined || rush !== undefined) return rush
  const own = said.ci.filter(
    (line) => line.folder === folder.name && line.ecosystem === 'JavaScript' && hasProgram(parsed, line),
  )
  const manager = chooseManager(folder, { parsed, installs: own.filter(({ role }) => role === 'install') })
  const members = isWorkspaceRoot(folder, parsed) ? await readMembers(folder) : []
  const ofCi = saidScripts(own)
  const ofTexts = saidScripts(
    said.documents.filter((line) => line.folder === folder.name && line.ecosystem === 'JavaScript'),
  )
  const {
    chosen: wanted,
    evidence,
    disagreements,
    leftOut,
  } = chooseScripts(parsed, {
    members,
    ofCi,
    ofEach: scriptsOfEach(own),
    ofTexts,
    hasCi: said.ci.some(({ ecosystem }) => ecosystem === 'JavaScript'),
  })
  const { chosen, inBrowser } = await withoutIdle(folder, { parsed, wanted, ci: said.ci })
  const checks = chosen.map((script) => commandOf(manager, script))
  const tests = evidence.filter(isTest)
  const isHandedOver = await handsOver(folder, evidence)
  const ofCiBuild = ciBuild(
    said.ci.filter(
      (line) =>
        (own.includes(line) && !(line.role === 'build' && needsOther(parsed, scriptOf(line) ?? ''))) ||
        (line.folder === folder.name && isOtherBuild(line)),
    ),
    { parsed, tests, hasEarlier: members.length > 0 || isHandedOver, members },
  )
  const [one] = chosen
  const compiling =
    ofCiBuild === undefined && one?.kind === 'own'
      ? await compilingScript(folder, { parsed, test: one.name })
      : undefined
  const build =
    compiling === undefined ? ofCiBuild : ({ kind: 'own', name: compiling } satisfies ChosenScript)
  const [first, ...others] = checks
  // The build runs before the first check each time, so that tests import the changed code.
  const built =
    first === undefined || build === undefined
      ? checks
      : [`${commandOf(manager, build)} && ${first}`, ...others]
  return {
    ecosystem: 'JavaScript',
    source: manager.lock ?? 'package.json',
    setup: nodeSetup(folder, parsed, manager),
    checks:
      checks.length > 0
        ? built
        : wanted.length > 0
          ? []
          : await withoutScripts(folder, { manager, isWorkspace: members.length > 0, isTool: isTool(said) }),
    evidence: evidence.map(evidenceOf),
    disagreements: [...manager.disagreements, ...disagreements],
    leftOut: inBrowser ?? leftOut,
  }
}

/** Whether a line of CI builds without a package script: `make build`, or a compiler of another language. */
function isOtherBuild(line: SaidLine): boolean {
  const { ecosystem, role, words } = line
  if (role !== 'build') return false
  if (isCompiler(line)) return true
  return (
    ecosystem === 'make' && words.slice(1).some((word) => /^(?:build|bootstrap|compile)(?:$|-)/.test(word))
  )
}

/** Whether a line runs a compiler, whose result other jobs usually do not get. */
function isCompiler({ ecosystem }: SaidLine): boolean {
  return ecosystem === 'Zig' || ecosystem === 'Rust'
}

/** Whether jobs in the workflow of the tests pass their results to other jobs. */
async function handsOver({ read }: Folder, evidence: readonly SaidLine[]): Promise<boolean> {
  const file = evidence.find(isTest)?.file
  // Paths of workflows are relative to the root, so only the root's folder can read them.
  const text = file === undefined ? undefined : await read(file)
  return /\battach_workspace\b|\bactions\/download-artifact\b/.test(text ?? '')
}

/** The script by which CI builds before it tests, in the same job or, with `hasEarlier`, in an earlier one. */
function ciBuild(
  own: readonly SaidLine[],
  {
    parsed,
    members,
    tests,
    hasEarlier,
  }: {
    readonly parsed: PackageJson
    readonly members: readonly PackageJson[]
    /** Whether tests may use the build of an earlier job. */
    readonly hasEarlier: boolean
    /** The lines that run the chosen tests; empty if CI does not run them. */
    readonly tests: readonly SaidLine[]
  },
): ChosenScript | undefined {
  const before = (isPlace: (build: SaidLine, test: SaidLine) => boolean) =>
    own.find(
      (one, index) =>
        one.role === 'build' &&
        own
          .slice(index + 1)
          .some(
            (later) =>
              later.role === 'test' && (tests.length === 0 || tests.includes(later)) && isPlace(one, later),
          ),
    )
  const line =
    before((build, test) => build.job === test.job && build.ecosystem === 'JavaScript') ??
    before((build, test) => build.job === test.job) ??
    (hasEarlier ? before((build, test) => build.file === test.file && !isCompiler(build)) : undefined)
  if (line !== undefined && line.ecosystem !== 'JavaScript')
    return { kind: 'tool', text: line.words.map(shellQuote).join(' '), env: [] }
  // A script of the package may have the same command.
  const same =
    line?.words[0] === 'node'
      ? Object.keys(parsed.scripts ?? {}).find((one) => scriptText(parsed, one) === line.command)
      : undefined
  if (line?.words[0] === 'node' && same === undefined)
    return { kind: 'tool', text: line.words.map(shellQuote).join(' '), env: [] }
  const name = same ?? (line && scriptOf(line))
  if (name === undefined) return undefined
  // Arguments of the script say what it builds.
  const given = line?.words.slice(line.words.indexOf(name) + 1) ?? []
  if (given.length > 0 && hasScript(parsed, name) && given.every((word) => /^\w[\w./@-]*$/.test(word)))
    return { kind: 'tool', text: `${line?.words[0]} run ${[name, ...given].join(' ')}`, env: [] }
  const whole = [/^build:/.test(name) ? 'build' : name, name].find((one) => hasScript(parsed, one))
  if (whole !== undefined) return { kind: 'own', name: whole }
  return members.some((member) => hasScript(member, name)) ? { kind: 'shared', name } : undefined
}

/** The script that a command of a package manager runs. */
function scriptOf({ words, command }: SaidLine): string | undefined {
  return memberScript(words)?.name ?? /^\w+(?: run| run-script)?(?: -[\w-]+)* ([\w:.-]+)/.exec(command)?.[1]
}

/** Whether a line tests, as opposed to linting or formatting. */
function isTest(line: SaidLine): boolean {
  const name = scriptOf(line)
  return line.role === 'test' && (name === undefined || (familyOf(name) ?? 'test') === 'test')
}

/** Whether CI only tests other languages: then the package is for tools of the project. */
function isTool({ ci }: SaidOutside): boolean {
  const tests = ci.filter(({ role }) => role === 'test')
  return tests.length > 0 && tests.every(({ ecosystem }) => ecosystem !== 'JavaScript')
}

/** Commands for tests that a runner finds without a script. */
async function withoutScripts(
  folder: Folder,
  {
    manager,
    isWorkspace,
    isTool,
  }: { readonly manager: NodeManager; readonly isWorkspace: boolean; readonly isTool: boolean },
): Promise<readonly string[]> {
  if (folder.has('nx.json')) return [programCommand(manager, 'nx run-many --targets=test')]
  if (manager.name === 'bun')
    return folder.files.some((file) => BUN_TEST.test(file)) ? [`${manager.program} test`] : []
  if (folder.name !== '' || isWorkspace || isTool) return []
  const files = folder.files.filter((file) => NODE_TEST.test(file) && !isInPackage(folder, file))
  const texts = await Promise.all(files.slice(0, MOST_READ).map(folder.read))
  return texts.some((text) => /\bnode:test\b/.test(text ?? '')) ? ['node --test'] : []
}

/** Whether a file is in a nested package, or in `node_modules`. */
function isInPackage({ has }: Folder, file: string): boolean {
  const parts = file.split('/').slice(0, -1)
  return (
    parts.includes('node_modules') ||
    parts.some((_, at) => has(`${parts.slice(0, at + 1).join('/')}/package.json`))
  )
}

function commandOf(manager: NodeManager, script: ChosenScript): string {
  if (script.kind === 'tool') return [...script.env, programCommand(manager, script.text)].join(' ')
  return script.kind === 'own' ? scriptCommand(manager, script.name) : workspacesCommand(manager, script.name)
}

/** The command that runs a program of an installed package. */
function programCommand({ name, program }: NodeManager, text: string): string {
  if (/^(?:node|bun|make|zig|cargo) /.test(text)) return text
  if (text.startsWith(`${name} `)) return `${program}${text.slice(name.length)}`
  if (name === 'npm') return `npx --no-install ${text}`
  return name === 'pnpm' ? `${program} exec ${text}` : `${program} run ${text}`
}

function scriptCommand({ name, program }: NodeManager, script: string): string {
  return name === 'npm' && script === 'test' ? 'npm test' : `${program} run ${script}`
}

/** The command that runs a script in every member of the workspace that has it. */
function workspacesCommand({ name, program, isClassic }: NodeManager, script: string): string {
  switch (name) {
    case 'pnpm':
      return `${program} --recursive --if-present run ${script}`
    case 'yarn':
      // Yarn 1 stops at a member without the script; npm skips it, and runs what yarn installed.
      if (isClassic) return `npm run ${script} --workspaces --if-present`
      return `${program} workspaces foreach --all run ${script}`
    case 'bun':
      return `${program} run --filter '*' ${script}`
    case 'npm':
      return `npm run ${script} --workspaces --if-present`
  }
}
