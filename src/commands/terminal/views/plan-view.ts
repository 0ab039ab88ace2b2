import { type CommandLimits, limitText } from '../../../checks/command-limits.ts'
import type { EnvironmentPlan } from '../../../checks/environment/plan-environment.ts'
import { namePaths, partsByReason } from '../../../checks/plans/parts-by-reason.ts'
import type { ProposedCommand } from '../../../checks/settings-proposal.ts'
import { forTerminalDeep } from '../../../text/terminal-text.ts'
import type { SourceTree } from '../clone/open-tree.ts'
import { oneLine, type Paint } from './paint.ts'
import { commandLines, labelled, listPart, paragraph } from './plan-lines.ts'
import { projectParts } from './project-parts.ts'

/** What Backspace knows about a repository, for people and programs. */
export interface ToldPlan {
  readonly tree: SourceTree
  readonly found: EnvironmentPlan
  readonly limits: CommandLimits
  /** Sentences about settings that the operator's limits do not allow. */
  readonly problems: readonly string[]
  /** The settings file that says the same; undefined if there is nothing to put into it. */
  readonly settings: string | undefined
  /** Commands that do not fit into that file. */
  readonly without: readonly ProposedCommand[]
}

/** The plan for a person at a terminal. */
export function planView(told: ToldPlan, paint: Paint): string {
  const { tree, found, limits, settings, without } = told
  const { projects, said, untested } = found.repository
  const noted = new Set(projects.flatMap(({ disagreements = [] }) => disagreements))
  const notices = found.notices.map(({ message }) => message).filter((message) => !noted.has(message))
  const parts = [
    [paint('bold', oneLine(tree.title))],
    said === undefined && projects.length === 0 ? nothingFound(paint) : [],
    ...saidParts(told, paint),
    ...projectParts(found.repository, paint),
    listPart(
      'Not covered',
      partsByReason(untested).map(({ paths, reason }) => `${namePaths(paths, (path) => path)}: ${reason}`),
      paint,
    ),
    listPart('Good to know', [...told.problems, ...notices], paint),
    environmentPart(found, limits, paint),
    without.length === 0
      ? []
      : listPart(
          'No room in the file below',
          without.map(({ command }) => command),
          paint,
        ),
    settings === undefined
      ? []
      : [paint('bold', '.github/backspace.yml that says the same'), ...yamlLines(settings, paint)],
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function nothingFound(paint: Paint): readonly string[] {
  return [
    paint('yellow', 'Nothing was found that installs or checks this repository.'),
    ...paragraph(
      'If you know the commands, write them into `.github/backspace.yml`, as `setup:` and `checks:`.',
      0,
      paint,
    ),
  ]
}

/** Shows settings that replace what would be found. */
function saidParts({ found }: ToldPlan, paint: Paint): readonly (readonly string[])[] {
  const { said, projects, containerSetup } = found.repository
  const isSaid = (commands: readonly string[]) =>
    !projects.some(({ setup }) => commands.every((one) => setup.includes(one)))
  const setup = found.setup.filter(({ commands }) => commands.length > 0 && isSaid(commands))
  const lines = [
    ...setup.flatMap(({ commands, source }) => [
      ...commandLines('installs', commands, paint),
      ...labelled('because', `\`${source}\` says so`, paint),
    ]),
    ...(said === undefined
      ? []
      : [
          ...commandLines(
            'checks',
            said.map(({ command }) => command),
            paint,
          ),
          ...labelled('because', `\`${found.checks.source}\` says so; other findings do not count`, paint),
        ]),
    ...(containerSetup === undefined
      ? []
      : [
          ...commandLines('then runs', containerSetup.commands, paint),
          ...labelled('because', `\`${containerSetup.source}\` says so`, paint),
        ]),
  ]
  return lines.length === 0 ? [] : [[paint('bold', 'The repository says'), ...lines]]
}

function environmentPart(
  { environment }: EnvironmentPlan,
  { setupMs, checkMs }: CommandLimits,
  paint: Paint,
): readonly string[] {
  const { services, egress } = environment
  const hosts = [...egress.allowHosts, ...(egress.publicHosts ?? [])]
  const time = `${limitText(setupMs)} to install everything, ${limitText(checkMs)} for each check`
  const lines = [
    ...labelled('time', time, paint),
    ...services.flatMap(({ name, run }, index) =>
      labelled(index === 0 ? 'services' : '', `${name}: ${run}`, paint),
    ),
    ...(hosts.length === 0 ? [] : labelled('hosts', hosts.join(', '), paint)),
  ]
  return [paint('bold', 'Its sandbox'), ...lines]
}

function yamlLines(text: string, paint: Paint): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, code = '', comment = ''] = /^((?:[^#]|\S#)*)(#.*)?$/.exec(line) ?? ['', line]
      return `  ${oneLineKept(code)}${paint('dim', oneLineKept(comment))}`.trimEnd()
    })
}

/** The line unchanged, except that control characters for the terminal are removed. */
function oneLineKept(text: string): string {
  return forTerminalDeep({ text }).text
}

/** The plan for a program. */
export function planJson({ tree, found, limits, problems, settings, without }: ToldPlan) {
  const { repository, setup, checks, environment, notices } = found
  const { containerSetup } = repository
  return {
    repository: tree.title,
    commit: tree.commit ?? null,
    projects: repository.projects.map((project) => ({
      ...project,
      baseline: repository.baseline.includes(project),
    })),
    setup: [...setup, ...(containerSetup ? [containerSetup] : [])].filter(
      ({ commands }) => commands.length > 0,
    ),
    checks,
    limits,
    untested: repository.untested,
    environment,
    notices: [...problems.map((message) => ({ level: 'warning', message })), ...notices],
    settings: settings ?? null,
    without: without.map(({ command }) => command),
  }
}
