import { dirname } from 'node:path/posix'
import type { WantedMinutes } from '../command-limits.ts'
import { describePackages } from '../plans/ci/ci-packages.ts'
import { describeServices } from '../plans/ci/ci-services.ts'
import { readCi } from '../plans/ci/read-ci.ts'
import { describeBaseline } from '../plans/describe-baseline.ts'
import { detectRepository } from '../plans/detect-repository.ts'
import { checksOf, type Plan, type RepositoryPlan, setupOf } from '../plans/plan.ts'
import type { Project } from '../project.ts'
import { NO_SETTINGS, type RepoSettings, readRepoSettings, SETTINGS_PATHS } from '../repo-settings.ts'
import { chooseToolchains, LANGUAGE_NAMES } from './choose-toolchains.ts'
import { readDevcontainer } from './devcontainer.ts'
import type { RepoEnvironment } from './environment.ts'
import type { InstalledToolchain } from './installed-toolchains.ts'
import { managerStarters, type ProgramStarter } from './manager-starters.ts'
import { type MavenNeeds, readMavenNeeds } from './maven-needs.ts'
import { type OperatorEgress, openHosts } from './open-hosts.ts'
import { readVersionWishes, type VersionWishes } from './version-wishes.ts'

/** What the base commit says about how to work in it: setup, checks, versions, hosts, services. */
export interface EnvironmentPlan {
  /** Plans that install dependencies, in order. If one fails, the next still runs. */
  readonly setup: readonly Plan[]
  /** The checks that run before the agent starts. */
  readonly checks: Plan
  readonly repository: RepositoryPlan
  readonly minutes: WantedMinutes
  /** Its `path` has existing directories, and those in which `links` and `starters` are still to be created. */
  readonly environment: RepoEnvironment
  /** Links to create, so that commands find programs under other names: `python3` for `/usr/bin/python3.12`. */
  readonly links: readonly ProgramLink[]
  /** Package managers that the sandbox lacks, to create so that scripts, settings and the agent find them by their names. */
  readonly starters: readonly ProgramStarter[]
  /** What the commands ask of the sandbox's Maven; undefined if they do not start it. */
  readonly maven: MavenNeeds | undefined
  /** Notices for people; warnings come first. */
  readonly notices: readonly { readonly level: 'info' | 'warning'; readonly message: string }[]
}

interface ProgramLink {
  readonly target: string
  /** Absolute path of the link. */
  readonly link: string
}

interface PlanEnvironmentRequest {
  readonly egress: OperatorEgress
  /** E2B templates that a repository may choose. */
  readonly templates: readonly string[]
  /** Settings of the owner's `.github` repository; a key counts if the repository's own settings do not have it. */
  readonly defaults?: RepoSettings | undefined
  /** Absolute path of the home directory inside the sandbox. */
  readonly home: string
}

/** Plans from the files of the base commit alone: call this before any code of the repository has run. */
export async function planEnvironment(
  project: Project,
  { egress, templates, defaults = NO_SETTINGS, home }: PlanEnvironmentRequest,
): Promise<EnvironmentPlan> {
  const own = await readRepoSettings(project)
  const devcontainer = await readDevcontainer(project)
  const container = own.path === undefined ? devcontainer : undefined
  const said = merge(own, defaults)
  const outside = await readCi(project)
  const repository = await detectRepository(project, { ...said, outside })
  const setup = said.setup === undefined ? setupOf(repository.baseline) : [said.setup]
  const { wishes, unknown, maven: ofMaven } = await readVersionWishes(project, outside.versions)
  const toolchains = chooseToolchains([...wishes, ...(devcontainer?.wishes ?? [])], project)
  const variables = { ...defaults.env, ...container?.env, ...own.env }
  const used = [...toolchains.chosen, ...toolchains.instead]
  const places = used.map((toolchain) => placeOf(toolchain, home))
  const starters = await managerStarters(project, repository, `${home}/.backspace/managers`)
  const java = used.find(({ language }) => language === 'java')?.directory.replace(/\/bin$/, '')
  const javaHome = java ?? (buildsJava(project) ? project.jdk : undefined)
  const network = openHosts(egress, {
    files: project.files,
    asked: [...new Set([...own.egress, ...defaults.egress])],
    source: own.path ?? defaults.path ?? SETTINGS_PATHS[0],
  })
  const { lacking, disagreements } = describeBaseline(repository)
  const unmet = [
    ...toolchains.unmet,
    ...network.refused,
    ...refusedTemplate(own.template === undefined ? defaults : own, templates),
    // Settings that name checks or services have already decided which services of CI are needed.
    ...(said.services.length > 0 || said.checks !== undefined ? [] : describeServices(outside.services)),
    ...(said.checks === undefined ? describePackages(outside.packages, project.packages) : []),
  ]
  const checks = said.checks ?? checksOf(repository.baseline)
  const commands = [...setup, checks].flatMap((one) => one.commands)
  return {
    setup,
    checks,
    repository: {
      ...repository,
      containerSetup: said.setup === undefined ? withoutRepeats(container?.setup, setup) : undefined,
    },
    minutes: {
      setup: own.minutes.setup ?? defaults.minutes.setup,
      check: own.minutes.check ?? defaults.minutes.check,
    },
    environment: {
      variables: {
        ...(javaHome === undefined ? {} : { JAVA_HOME: javaHome }),
        ...(usesBundler(project) ? { BUNDLE_PATH: `${home}/.backspace/gems` } : {}),
        ...variables,
      },
      path: [
        ...new Set([
          ...starters.map(({ path }) => dirname(path)),
          ...places.flatMap(({ directories }) => directories),
        ]),
      ],
      egress: network.policy,
      services: said.services,
      verify: own.verify ?? defaults.verify,
      agent: own.agent ?? defaults.agent,
      unmet,
    },
    links: places.flatMap(({ links }) => links),
    starters,
    maven: await readMavenNeeds(project, repository, { commands, said: ofMaven }),
    notices: [
      ...[...defaults.problems, ...own.problems, ...(container?.problems ?? []), ...unmet, ...lacking].map(
        warning,
      ),
      ...[
        describeVariables(variables),
        ...toolchains.chosen.map(describeChosen),
        ...toolchains.near,
        describeUnknown(unknown),
        network.opened,
        ...disagreements,
      ]
        .filter((message) => message !== '')
        .map(info),
    ],
  }
}

/** Whether to set `JAVA_HOME`, as machines of CI do. Without it, plugins for documentation and native code do not find the JDK. */
function buildsJava({ files }: Project): boolean {
  return [...files].some((file) => /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?|build\.sbt)$/.test(file))
}

/** Whether to set `BUNDLE_PATH`. Without it, Bundler installs to the folder of the system's Ruby, which is rarely writable. */
function usesBundler({ files, tools }: Project): boolean {
  return tools.has('bundle') && [...files].some((file) => /(?:^|\/)Gemfile$/.test(file))
}

function withoutRepeats(plan: Plan | undefined, earlier: readonly Plan[]): Plan | undefined {
  if (plan === undefined) return undefined
  const known = new Set(earlier.flatMap(({ commands }) => commands.map(installedBy)))
  const isNew = (command: string) => !known.has(installedBy(command))
  // Only a chain without quotes can be cut into its commands.
  const chain = /^[\w@%+=:,./ &-]+$/
  const commands = plan.commands
    .map((command) => (chain.test(command) ? command.split(' && ') : [command]).filter(isNew).join(' && '))
    .filter((command) => command !== '')
  return commands.length === 0 ? undefined : { ...plan, commands }
}

/** The manager of an install command, else the command: `pnpm i` repeats `npx --yes pnpm@10 install --frozen-lockfile`. */
function installedBy(command: string): string {
  const [, manager] =
    /^(?:npx --yes (?:-p \S+ )?|corepack )?(npm|pnpm|yarn|bun)(?:@[\w.+-]+)?(?: (?:i|ci|install))?(?: --[\w-]+)*$/.exec(
      command,
    ) ?? []
  return manager ?? command
}

function refusedTemplate({ template, path }: RepoSettings, allowed: readonly string[]): readonly string[] {
  if (template === undefined || allowed.includes(template)) return []
  return [
    `\`template\` in \`${path}\`: \`${template}\` is not used, since the operator of Backspace does not let repositories choose it. With E2B, the operator can: \`E2B_TEMPLATES=${[...allowed, template].join(',')}\`.`,
  ]
}

/** Merges key by key; the repository's own settings take precedence over its owner's. */
function merge(own: RepoSettings, defaults: RepoSettings) {
  function pick(key: 'setup' | 'checks'): Plan | undefined {
    const from = [own, defaults].find((settings) => settings[key] !== undefined)
    const commands = from?.[key]
    return commands && { commands, source: from?.path ?? '' }
  }
  return {
    setup: pick('setup'),
    checks: pick('checks'),
    services: own.services.length > 0 ? own.services : defaults.services,
  }
}

/** What to put on PATH for a version. A Python that shares its directory with others gets a directory of links. */
function placeOf(
  { language, program, directory }: InstalledToolchain,
  home: string,
): { readonly directories: readonly string[]; readonly links: readonly ProgramLink[] } {
  if (language !== 'python' || program === 'python3')
    return { directories: [...scriptsOf(directory), directory], links: [] }
  const own = `${home}/.backspace/toolchains/python`
  const links = ['python3', 'python', program].map((name) => ({
    target: `${directory}/${program}`,
    link: `${own}/${name}`,
  }))
  return { directories: [own], links }
}

/** Directories in a local sandbox with starters for scripts such as `pip`, whose first line has a path of the host machine. */
function scriptsOf(directory: string): readonly string[] {
  const tool = /^\/backspace\/tools\/(\w+)\/bin$/.exec(directory)?.[1]
  return tool === undefined ? [] : [`/backspace/scripts/${tool}`]
}

/** Shows the values as well, since they are not secret. */
function describeVariables(variables: Readonly<Record<string, string>>): string {
  const shown = Object.entries(variables).map(([name, value]) => `\`${name}=${short(value)}\``)
  return shown.length === 0 ? '' : `Commands of the project run with ${shown.join(', ')}.`
}

function short(value: string): string {
  const line = value.replaceAll('`', "'").replaceAll('\n', ' ')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}

function describeChosen({ language, version, channel }: InstalledToolchain): string {
  return `Commands of the project run with ${LANGUAGE_NAMES[language]} ${version}${channel === undefined ? '' : ` ${channel}`}, as its files ask for.`
}

/** A sentence on tools that Backspace cannot look up. The sandbox may have them, so this is no warning. */
function describeUnknown(unknown: VersionWishes['unknown']): string {
  const [first] = unknown
  if (first === undefined) return ''
  const tools = unknown.slice(0, 5).map(({ tool }) => tool)
  return `\`${first.source}\` asks for ${tools.join(', ')}: Backspace does not install tools. Install them in \`setup\` if checks need them.`
}

function warning(message: string) {
  return { level: 'warning', message } as const
}

function info(message: string) {
  return { level: 'info', message } as const
}
