import { isRecord } from '../../text/is-record.ts'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'
import { BY_NPM } from '../plans/needed-programs.ts'
import type { RepositoryPlan } from '../plans/plan.ts'
import type { Project } from '../project.ts'

/** A small program to create, which only starts another one. */
export interface ProgramStarter {
  /** Absolute path inside the sandbox. */
  readonly path: string
  /** The shell command that it starts: `npx --yes pnpm@9.1.0`. */
  readonly starts: string
}

const STARTED = /\bnpx --yes (?:-p \S+ )?(?:@yarnpkg\/)?(pnpm|yarn|bun)(?:@[\w.+-]+)?(?= )/
const STARTS_WITH = /(?:^|&& )([a-z]+) /g
/** A manager in a script: `yarn build`, `lerna run x && pnpm -r test`. */
const NAMED = /(?:^|[\s;&|("'])(pnpm|yarn|bun)(?=[\s;&|)"']|$)/g
const MOST_CHARACTERS = 16 * 1024

/**
 * Starters for package managers that the sandbox lacks, and for other programs of npm that commands start with. A manager
 * that a project starts with npx gets that project's version. One that only commands, scripts of the root or lerna name gets
 * any version: machines of CI have some managers preinstalled, so projects use them without asking for them.
 *
 * @param directory absolute path inside the sandbox, in which the starters will be created.
 */
export async function managerStarters(
  project: Project,
  { projects }: Pick<RepositoryPlan, 'projects'>,
  directory: string,
): Promise<readonly ProgramStarter[]> {
  const found = new Map<string, string>()
  const named = new Set(await namedManagers(project))
  for (const { setup, checks } of projects) {
    for (const command of [...setup, ...checks.map((check) => check.command)]) {
      const [starts, name] = STARTED.exec(command) ?? []
      if (starts !== undefined && name !== undefined && !found.has(name)) found.set(name, starts)
      for (const [, first = ''] of command.matchAll(STARTS_WITH)) if (BY_NPM.has(first)) named.add(first)
    }
  }
  for (const name of named) {
    if (!found.has(name) && !project.tools.has(name)) found.set(name, `npx --yes ${name}`)
  }
  return [...found].map(([name, starts]) => ({ path: `${directory}/${name}`, starts }))
}

async function namedManagers({ files, read }: Project): Promise<ReadonlySet<string>> {
  const [manifest, lerna] = await Promise.all(
    ['package.json', 'lerna.json'].map(async (file) =>
      files.has(file) ? jsonOrUndefined((await read(file)) ?? '') : undefined,
    ),
  )
  const scripts = isRecord(manifest) && isRecord(manifest.scripts) ? Object.values(manifest.scripts) : []
  const client = isRecord(lerna) ? [lerna.npmClient] : []
  const text = [...scripts, ...client].filter((one) => typeof one === 'string').join('\n')
  return new Set([...text.slice(0, MOST_CHARACTERS).matchAll(NAMED)].map(([, name = '']) => name))
}
