import type { Folder } from '../../project.ts'
import type { EcosystemPlan } from '../plan.ts'
import type { CiLine } from './ci-line.ts'
import { commandWithEnv, type SaidOutside } from './said-lines.ts'

/** Commands that run once to create what tests need: a key, an application to test in, generated code. */
const PREPARES =
  /^(?:\.\/bootstrap|luarocks make(?: (?:--(?:only-deps|local|tree[= ]\S{1,40})?|[\w.-]+\.rockspec)){0,4}|tox exec -e \S{1,40} -- python3? [\w./-]{1,100}\.py(?: [\w./-]{1,100}){0,4}|luarocks install(?: --[\w-]+)? [\w./-]+|php artisan key:generate(?: --\w+)*|(?:bundle exec )?(?:bin\/)?rake (?:\w+:)*(?:setup|test_app|dummy(?:_app)?)|(?:npm|pnpm|yarn|bun)(?: run)? (?:(?:prepare|prebuild|bootstrap|setup|codegen|generate)(?:[:-][\w:.-]+)?|\w{1,30}:prepare)|node (?:\.\/)?(?:[\w.-]{1,60}\/){0,4}(?:prepare|bootstrap|setup|codegen|generate)[\w-]{0,40}\.[cm]?[jt]s)$/
/** Commands that create the schema of a database, which counts only if that is a file. */
const SCHEMA =
  /^(?:bundle exec )?(?:\.\/)?(?:bin\/)?(?:rails|rake)(?: db:(?:create|schema:load|migrate|setup|prepare|test:prepare))+$/
const COPY = /^cp (?:-[a-z]+ )?((?:[\w.-]+\/){0,4}[\w.-]+) ((?:[\w.-]+\/){0,4}[\w.-]+)$/
const MOST = 6

/**
 * Adds to a plan the preparations that CI runs before its tests in the same job and folder, and that no manifest shows:
 * without them, the tests would fail. Settings are copied only to paths that git ignores.
 */
export async function withPreparations(
  plan: EcosystemPlan,
  { folder, said }: { readonly folder: Folder; readonly said: SaidOutside },
): Promise<EcosystemPlan> {
  const places = plan.checks.length === 0 ? [] : (plan.evidence ?? [])
  const test = said.all.find(({ file, line }) => places.some((one) => one.file === file && one.line === line))
  if (test === undefined) return withRocks(plan, { folder, said })
  const before = said.all
    .slice(0, said.all.indexOf(test))
    .filter(({ job, folder: place }) => job === test.job && place === folder.name)
  const ignored = (await folder.read('.gitignore')) ?? ''
  const lines = before.filter(
    (line) =>
      PREPARES.test(line.command) ||
      (!line.needsMore && SCHEMA.test(line.command)) ||
      copies(line, folder, ignored),
  )
  const known = new Set(plan.setup)
  const more = [...new Set(lines.map((line) => commandWithEnv(line, startedAs(plan.setup, line.command))))]
    .filter((command) => !known.has(command))
    .slice(0, MOST)
  return more.length === 0 ? plan : { ...plan, setup: [...plan.setup, ...more] }
}

/** A package of Lua, by the file that describes it. */
const ROCKSPEC = /^[\w.-]+\.rockspec$/

/**
 * Adds what CI installs by luarocks to a plan in a package of Lua whose tests CI starts in a way that is not known, as from
 * another folder: in any way, they need the modules that the package depends on, and its own parts in C.
 */
function withRocks(
  plan: EcosystemPlan,
  { folder, said }: { readonly folder: Folder; readonly said: SaidOutside },
): EcosystemPlan {
  const isOfLua = folder.files.some((file) => ROCKSPEC.test(file)) && /^(?:make|Lua)$/.test(plan.ecosystem)
  if (!isOfLua || plan.checks.length === 0) return plan
  const own = said.all.filter((line) => line.folder === folder.name)
  const job = own.find(({ command }) => /^luarocks make\b/.test(command) && PREPARES.test(command))?.job
  const lines = own.filter((line) => line.job === job && /^luarocks /.test(line.command))
  const more = [...new Set(lines.map(({ command }) => command))]
    .filter((command) => PREPARES.test(command) && !isForReport(command) && !plan.setup.includes(command))
    .slice(0, MOST)
  return more.length === 0 ? plan : { ...plan, setup: [...plan.setup, ...more] }
}

/** Whether a line installs what only sends reports: `luarocks install luacov-coveralls`. */
function isForReport(command: string): boolean {
  return /^luarocks install (?:\S+ )*(?:luacov-\w+|luacheck|ldoc)$/.test(command)
}

/** Whether a line copies a file of the repository to a path that does not exist and that git ignores, such as `.env`. */
function copies({ command }: CiLine, { has }: Folder, ignored: string): boolean {
  const [, from = '', to = ''] = COPY.exec(command) ?? []
  const name = to.split('/').at(-1)
  const isIgnored = ignored.split('\n').some((line) => line.trim().replace(/^.*\//, '') === name)
  return has(from) && !has(to) && isIgnored
}

/** Starts a package manager in the same way as the setup does, since it may not be installed. */
function startedAs(setup: readonly string[], command: string): string {
  const [program = ''] = command.split(' ', 1)
  // The environment of the sandbox's own Python, which the tests get too.
  if (program === 'tox') return `python3 -m ${command.replace(/ -e (?:py)?3[\w.]{0,8}(?= )/, ' -e py')}`
  const launcher = /^(?:pnpm|yarn|bun)$/.test(program)
    ? setup
        .map((one) => /^(.{0,100}) install\b/.exec(one)?.[1])
        .find((start) => start?.includes(program) === true)
    : undefined
  return launcher === undefined ? command : `${launcher}${command.slice(program.length)}`
}
