import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { limitCommands } from '../checks/command-limits.ts'
import { withoutPlaces } from '../checks/environment/environment.ts'
import { planEnvironment } from '../checks/environment/plan-environment.ts'
import { SETTINGS_PATHS } from '../checks/repo-settings.ts'
import { proposeSettings } from '../checks/settings-proposal.ts'
import { settingsText } from '../checks/settings-text.ts'
import { type Config, personalEnvironment, readConfig } from '../config.ts'
import { BackspaceError } from '../errors.ts'
import { githubAddressOf } from './terminal/clone/github-address.ts'
import { findClone, openCommit, openFolder, type SourceTree } from './terminal/clone/open-tree.ts'
import { reachRepository } from './terminal/clone/reached-repository.ts'
import { treeProject } from './terminal/clone/tree-project.ts'
import { exitCodeOfError } from './terminal/run/exit-codes.ts'
import { onlyArgument, WrongUsage } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'
import { createPaint } from './terminal/views/paint.ts'
import { planJson, planView } from './terminal/views/plan-view.ts'

const USAGE = `Usage:
  npm run plan -- <repository>      shows how Backspace would install and check a repository, and why

  <repository>   the folder of a clone, owner/name, or an address such as https://github.com/owner/name
  --ref <ref>    a branch, tag or commit; default: the files as they are, or the default branch
  --yaml         prints only the .github/backspace.yml: the repository's own, else one that says the same
  --json         prints everything as one JSON object

Nothing from the repository is run. "Missing" means: not installed on this machine.
Exit code 0: there is something to run. 1: there is nothing, or the repository cannot be read. 2: wrong usage.`

const EXIT = { plan: 0, nothing: 1, usage: 2 } as const

async function plan(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ref: { type: 'string' },
      yaml: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { stdout, stderr } = process
  const where = onlyArgument(positionals, 'Name a repository.')
  if (values.yaml && values.json)
    throw new WrongUsage('--yaml and --json exclude each other. Leave one of them out.')
  const config = readConfig()
  await using opened = await openRepository(where, values.ref, config)
  const { tree } = opened
  const project = await treeProject(tree)
  const { egressHosts: hosts, ecosystems, repositoryHosts: repositories, kind, e2b } = config.sandbox
  const found = await planEnvironment(project, {
    egress: { hosts, ecosystems, repositories },
    templates: kind === 'e2b' ? (e2b?.templates ?? []) : [],
    home: '/home/user',
  })
  const operator = { wanted: found.minutes, runMinutes: config.limits.minutes }
  const { limits, problems } = limitCommands(config.commandMinutes, operator)
  const env = withoutPlaces(found.environment.variables)
  const settings = settingsText({ ...proposeSettings(found.repository), env }, HEAD)
  const ownPath = SETTINGS_PATHS.find((path) => project.files.has(path))
  const own = ownPath && (await project.read(ownPath))
  const proposed = own === undefined ? settings : undefined
  const told = { tree, found, limits, problems, settings: proposed?.text, without: proposed?.without ?? [] }
  if (values.json) stdout.write(`${JSON.stringify(planJson(told), null, 2)}\n`)
  else if (values.yaml) stdout.write(own ?? told.settings ?? '')
  else stdout.write(planView(told, createPaint(stdout)))
  const isEmpty = settings === undefined && found.repository.said === undefined
  if (isEmpty && values.yaml) stderr.write(`${tree.title}: nothing was found that installs or checks it.\n`)
  return isEmpty ? EXIT.nothing : EXIT.plan
}

const HEAD = ['How Backspace installs and checks this repository: exactly these commands, from its root.']

/** A folder takes precedence over a repository on GitHub with the same name. */
async function openRepository(
  where: string,
  ref: string | undefined,
  config: Config,
): Promise<AsyncDisposable & { readonly tree: SourceTree }> {
  // npm runs scripts in the package's folder, so the person's own folder comes from INIT_CWD.
  const path = resolve(personalEnvironment().INIT_CWD ?? process.cwd(), where)
  if (existsSync(path))
    return { tree: await openLocal(path, where, ref), [Symbol.asyncDispose]: async () => {} }
  const named = /^[A-Za-z0-9][\w-]{0,38}\/[\w.-]{1,100}$/.test(where)
  const url = named ? githubAddressOf(`${config.github.webUrl}/${where}`) : githubAddressOf(where)
  if (url === undefined) {
    throw new BackspaceError(
      'bad_request',
      `There is no folder ${where}, and it is neither owner/name nor an address such as https://github.com/owner/name.`,
    )
  }
  return reachRepository(config, url, ref)
}

async function openLocal(path: string, where: string, ref: string | undefined): Promise<SourceTree> {
  if (!statSync(path).isDirectory())
    throw new BackspaceError('bad_request', `${where} is a file. Name the folder of a clone.`)
  const clone = await findClone(path)
  if (clone === undefined && ref !== undefined) {
    throw new BackspaceError(
      'bad_request',
      `${where} is not a clone of a git repository, so it has no ${ref}. Leave out --ref to plan its files as they are.`,
    )
  }
  if (clone && (clone.bare || ref !== undefined)) return openCommit(clone.directory, ref ?? 'HEAD', where)
  return openFolder(clone?.directory ?? path, clone !== undefined)
}

process.stdout.on('error', () => process.exit(EXIT.plan))
await runFromTerminal(USAGE, plan, (error) =>
  exitCodeOfError(error) === EXIT.usage ? EXIT.usage : EXIT.nothing,
)
