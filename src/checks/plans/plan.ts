import { shellQuote } from '../../text/shell-quote.ts'
import { missingPrograms } from './needed-programs.ts'

/** Commands to run in the workspace, and where they come from. */
export interface Plan {
  /** Bash commands, to run one after another at the root of the workspace; may be empty. */
  readonly commands: readonly string[]
  /** For people: `.github/backspace.yml`, `package-lock.json`; empty if nothing was found. */
  readonly source: string
}

/** Something that a plan was read from. */
export interface Evidence {
  /** Relative to the root: `api/pyproject.toml`, `.github/workflows/ci.yml`. */
  readonly file: string
  /** Of a file of CI: the job that runs it. */
  readonly job?: string | undefined
  /** From 1; undefined for what was read from a file as a whole. */
  readonly line?: number | undefined
  /** As it is written there: `pytest -x`; undefined if the existence of the file says it. */
  readonly says?: string | undefined
}

/** The commands of one ecosystem in one folder, to be run in that folder. */
export interface EcosystemPlan {
  /** For people: JavaScript, Python, Go. */
  readonly ecosystem: string
  /** The file that it was recognised by, in the folder; a file of CI or a text for people by its path from the root. */
  readonly source: string
  readonly setup: readonly string[]
  readonly checks: readonly string[]
  /** Beside `source`: where its commands are written. */
  readonly evidence?: readonly Evidence[] | undefined
  /** Sentences on sources that say different things: which one counts. */
  readonly disagreements?: readonly string[] | undefined
}

/** One ecosystem in one folder of the repository. A folder with two ecosystems is two projects. */
export interface ProjectPlan {
  /** Relative to the root, `services/api`; empty for the root. */
  readonly folder: string
  readonly ecosystem: string
  /** The file that says it, relative to the root: `api/pyproject.toml`, `.github/workflows/ci.yml`. */
  readonly source: string
  /** Bash commands, to run one after another at the root of the workspace. */
  readonly setup: readonly string[]
  /** Empty if nothing says how it is tested. */
  readonly checks: readonly PlannedCheck[]
  /** Folders of members that its checks cover: a change there belongs to this project. */
  readonly covers: readonly string[]
  /** Folder of the workspace that it is a member of, if it is tested alone. */
  readonly workspace?: string | undefined
  /** What it was read from, the most telling first. Plans of older runs have none. */
  readonly evidence?: readonly Evidence[] | undefined
  /** Sentences for people on sources that say different things, and which one counts. */
  readonly disagreements?: readonly string[] | undefined
  /** Programs that its commands start with and the sandbox does not have: `swift`. */
  readonly missing?: readonly string[] | undefined
}

/** One command that checks a project. */
export interface PlannedCheck {
  /** Bash, to run at the root of the workspace; unique in the repository: `cd api && python3 -m pytest`. */
  readonly command: string
  readonly folder: string
  /** The same, to run in the folder: `python3 -m pytest`. */
  readonly inFolder: string
  readonly ecosystem: string
}

/** What a commit says about all of its projects. */
export interface RepositoryPlan {
  /** Those of the root first, then by depth and name. */
  readonly projects: readonly ProjectPlan[]
  /** Those that are set up and checked before the agent starts, a part of `projects`. */
  readonly baseline: readonly ProjectPlan[]
  /** Folders that have tests, and no tool that is known to run them. */
  readonly untested: readonly UncheckedPart[]
  /** The checks of the settings: exactly these, whatever projects there are. */
  readonly said?: readonly PlannedCheck[] | undefined
  /** What there would be without settings; only in runs that propose them. */
  readonly found?: Pick<RepositoryPlan, 'projects' | 'baseline' | 'untested'> | undefined
}

/** A part of the repository that no check covers. */
export interface UncheckedPart {
  /** Folder or file, relative to the root; empty for the root. */
  readonly path: string
  /** The rest of a sentence for people: `no check covers it`. */
  readonly reason: string
}

/** A plan of one folder as a project of the repository. */
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
    missing: missingPrograms([...setup, ...checks], tools),
  }
}

function shellPath(folder: string): string {
  if (/^\w[\w./@+-]*$/.test(folder)) return folder
  return shellQuote(`./${folder}`)
}

/** How the projects are set up: one plan for each, without commands that an earlier one has. */
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
