import { shellQuote } from '../../text/shell-quote.ts'
import { missingPrograms } from './needed-programs.ts'

/** Commands to run in the workspace, and the file that they come from. */
export interface Plan {
  /** Bash commands, to run one after another at the root of the workspace; may be empty. */
  readonly commands: readonly string[]
  /** The file that the commands come from, for people: `.github/backspace.yml`, `package-lock.json`; empty if none was found. */
  readonly source: string
}

/** A file, or a line of one, that a plan was read from. */
export interface Evidence {
  /** Path relative to the root: `api/pyproject.toml`, `.github/workflows/ci.yml`. */
  readonly file: string
  /** The job that runs the line, for a file of CI. */
  readonly job?: string | undefined
  /** Line number from 1; undefined if the whole file counts. */
  readonly line?: number | undefined
  /** The command as the file has it: `pytest -x`; undefined if the existence of the file is enough. */
  readonly says?: string | undefined
}

/** The commands of one ecosystem in one folder, to be run in that folder. */
export interface EcosystemPlan {
  /** Name for people: JavaScript, Python, Go. */
  readonly ecosystem: string
  /** The file by which it was recognised, relative to the folder; for a file of CI or a text for people, relative to the root. */
  readonly source: string
  readonly setup: readonly string[]
  readonly checks: readonly string[]
  /** Files and lines, in addition to `source`, that have its commands. */
  readonly evidence?: readonly Evidence[] | undefined
  /** Sentences for people on sources that disagree, and on which one counts. */
  readonly disagreements?: readonly string[] | undefined
  /** The script of its tests, if it is left out since it waits or needs a browser, a screen or another program. */
  readonly leftOut?: string | undefined
}

/** One ecosystem in one folder of the repository. A folder with two ecosystems is two projects. */
export interface ProjectPlan {
  /** Path relative to the root, such as `services/api`; empty for the root. */
  readonly folder: string
  readonly ecosystem: string
  /** The file that it was read from, relative to the root: `api/pyproject.toml`, `.github/workflows/ci.yml`. */
  readonly source: string
  /** Bash commands that install its dependencies, to run one after another at the root of the workspace. */
  readonly setup: readonly string[]
  /** The commands that check it; empty if nothing says how it is tested. */
  readonly checks: readonly PlannedCheck[]
  /** Folders of members that its checks cover. A change in them belongs to this project. */
  readonly covers: readonly string[]
  /** Folder of the workspace that it is a member of, if the workspace installs it but it is tested alone. */
  readonly workspace?: string | undefined
  /** Files and lines that it was read from, the most telling first. Plans of older runs have none. */
  readonly evidence?: readonly Evidence[] | undefined
  /** Sentences for people on sources that disagree, and on which one counts. Plans of older runs have none. */
  readonly disagreements?: readonly string[] | undefined
  /** The script of its tests, if a sandbox cannot run it. */
  readonly leftOut?: string | undefined
  /** Programs that its commands start and the sandbox lacks, such as `swift`. */
  readonly missing?: readonly string[] | undefined
}

/** One command that checks a project. */
export interface PlannedCheck {
  /** Bash, to run at the root of the workspace; unique in the repository: `cd api && python3 -m pytest`. */
  readonly command: string
  readonly folder: string
  /** The same command, to run in the folder: `python3 -m pytest`. */
  readonly inFolder: string
  readonly ecosystem: string
}

/** What a commit says about all of its projects. */
export interface RepositoryPlan {
  /** Projects of the root come first, then others by depth and name. */
  readonly projects: readonly ProjectPlan[]
  /** The projects, of `projects`, that are set up and checked before the agent starts. */
  readonly baseline: readonly ProjectPlan[]
  /** Folders that have tests which nothing is known to run. */
  readonly untested: readonly UncheckedPart[]
  /** Commands of a dev container. They run after all other setup, since they often fail outside of the container. */
  readonly containerSetup?: Plan | undefined
  /** The checks of the settings. If defined, exactly these run, whatever the projects are. */
  readonly said?: readonly PlannedCheck[] | undefined
  /** The plan as it would be without settings; only in runs that propose settings. */
  readonly found?: Pick<RepositoryPlan, 'projects' | 'baseline' | 'untested'> | undefined
}

/** A part of the repository that no check covers. */
export interface UncheckedPart {
  /** Folder or file, relative to the root; empty for the root. */
  readonly path: string
  /** The rest of a sentence for people: `no check covers it`. */
  readonly reason: string
}

/** Makes a project of the repository from the plan of one folder: commands then run at the root of the workspace. */
export function projectIn(
  folder: string,
  plan: EcosystemPlan,
  { covers = [], tools }: { readonly covers?: readonly string[]; readonly tools: ReadonlySet<string> },
): ProjectPlan {
  const { ecosystem, setup, checks, evidence = [], disagreements = [] } = plan
  const move = (command: string) => (folder === '' ? command : `cd ${shellPath(folder)} && ${command}`)
  const isFromRoot = folder === '' || evidence.some(({ file }) => file === plan.source)
  const source = isFromRoot ? plan.source : `${folder}/${plan.source}`
  return {
    folder,
    ecosystem,
    source,
    setup: setup.map(move),
    checks: checks.map((inFolder) => ({ command: move(inFolder), folder, inFolder, ecosystem })),
    covers,
    evidence: evidence.some(({ file }) => file === source) ? evidence : [...evidence, { file: source }],
    disagreements,
    ...(plan.leftOut === undefined ? {} : { leftOut: plan.leftOut }),
    missing: missingPrograms([...setup, ...checks], tools),
  }
}

function shellPath(folder: string): string {
  if (/^\w[\w./@+-]*$/.test(folder)) return folder
  return shellQuote(`./${folder}`)
}

/** The setup of the projects: one plan for each, without commands that an earlier plan has, and without empty plans. */
export function setupOf(projects: readonly ProjectPlan[]): readonly Plan[] {
  const known = new Set<string>()
  return projects.flatMap(({ setup, source }) => {
    const commands = setup.filter((command) => !known.has(command))
    for (const command of commands) known.add(command)
    return commands.length === 0 ? [] : [{ commands, source }]
  })
}

/** The checks of the projects as one plan. */
export function checksOf(projects: readonly ProjectPlan[]): Plan {
  const asking = projects.filter(({ checks }) => checks.length > 0)
  return {
    commands: [...new Set(asking.flatMap(({ checks }) => checks.map(({ command }) => command)))],
    source: [...new Set(asking.map(({ source }) => source))].join(', '),
  }
}
