import { withoutPlaces } from '../../checks/environment/environment.ts'
import type { ProjectPlan } from '../../checks/plans/plan.ts'
import { PROPOSED_PATH, proposedProjects } from '../../checks/settings-proposal.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { ownWords, safeMarkdown } from '../../text/markdown/safe-markdown.ts'
import type { Attempt } from '../attempt.ts'
import type { BaselineNames } from '../checks/baseline-names.ts'
import type { KeptConventions } from '../conventions/read-conventions.ts'
import type { FindStart, StartingPoint } from '../find-start.ts'
import type { Journal } from '../journal.ts'
import type { GetReadySandbox, ReadySandbox } from '../ready-sandbox.ts'
import { type RunReport, reportEarlierPullRequest } from '../run-report.ts'
import { isLost } from '../sandbox/attempt-sandboxes.ts'
import { refusedIn } from '../sandbox/name-refused-hosts.ts'
import { findOpenProposal, isStillAbout, judgeOpenProposal, reportOpenProposal } from './open-proposal.ts'
import { type OwnFile, readOwnFile } from './own-file.ts'
import { nothingFoundText, type ProposalFacts, triedText } from './proposal-text.ts'
import { everythingWorks, type Findings, notCovered, propose } from './propose-lists.ts'
import { createPublishProposal, type PublishingParts } from './publish-proposal.ts'
import { causesIn, type TriedCommands, triedIn, tryProjects } from './try-projects.ts'

/**
 * Tries out how the default branch of a repository is installed and checked, without an agent, and opens a pull request
 * with `.github/backspace.yml`. The host writes the whole file; the sandbox only reports how commands ended.
 */
export type ProposeFile = (access: RepositoryAccess) => Promise<RunReport>

interface ProposeParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'leftMs' | 'record'>
  readonly journal: Journal
  readonly readySandbox: GetReadySandbox
  readonly findStart: FindStart
  readonly conventions: Pick<KeptConventions, 'known'>
  readonly publishing: PublishingParts & { readonly names: Pick<BaselineNames, 'readReport'> }
}

export function createProposeFile(parts: ProposeParts): ProposeFile {
  const { attempt, journal, readySandbox, findStart, conventions, publishing } = parts
  const { run, signal } = attempt
  const { names, plans, redact } = publishing
  /** False for what looks like a secret, which the proposal must not repeat. */
  const isClean = (text: string) => redact(text) === text
  const publish = createPublishProposal({ attempt, journal, conventions, publishing })

  /** Tries the commands. A lost sandbox is replaced once; commands that were already tried are not repeated. */
  async function tryOut(start: StartingPoint, own: OwnFile | undefined): Promise<TriedOut> {
    const once = async () => {
      const ready = await readySandbox(start)
      const tried = triedIn(await journal.events())
      if (own && everythingWorks(tried, own)) return { ready, tried }
      const projects = proposedProjects(ready.project.repository?.found ?? NOTHING_FOUND)
      const parts = { journal, attempt, readReport: names.readReport }
      return { ready, tried: await tryProjects(ready, projects, parts) }
    }
    return once().catch((error: unknown) => {
      if (signal.aborted || !isLost(error)) throw error
      journal.notice('warning', 'The sandbox was lost. The run goes on in another one.')
      return once()
    })
  }

  return async (access) => {
    const done = await reportEarlierPullRequest(access, run)
    if (done) return done
    const request = { ...run.request, thread: undefined }
    const found = await findOpenProposal(access)
    // An earlier attempt of this run may have begun to update the open pull request.
    const [begun] = await plans.all()
    const onto = begun?.plan.branch === found?.pullRequest.head.ref ? found?.target : undefined
    const { start, report } = await findStart(access, { request, goesOnMerging: false, onto })
    if (report) return report
    const { base } = start
    const { repository } = access
    const own = await readOwnFile(start)
    const open = found && (await isStillAbout(found, own, start)) ? found : undefined
    if (open?.triedAt === base.sha) return reportOpenProposal(open, 'same_commit')
    const { ready, tried } = await tryOut(start, own)
    const detected = ready.project.repository?.found ?? NOTHING_FOUND
    const container = ready.project.repository?.containerSetup
    const findings: Findings = {
      found: {
        ...detected,
        projects: detected.projects.map((one) => withoutSecrets(one, isClean)),
        containerSetup: container && { ...container, commands: container.commands.filter(isClean) },
      },
      tried,
      variables: proposedVariables(ready.repo.variables, isClean),
      own,
    }
    const proposal = propose(findings, headOf(base.sha))
    const facts: ProposalFacts = {
      commands: proposal.commands,
      path: own?.path ?? PROPOSED_PATH,
      sha: base.sha,
      missing: [...causesIn(tried), ...(await missingIn(ready, own))],
      // If the repository lists its own checks, it is not known what they cover.
      notCovered: own?.settings.checks === undefined ? notCovered(detected, tried) : [],
      repository: `${repository.owner}/${repository.name}`,
    }
    if (own && everythingWorks(tried, own)) return reportThatItWorks(own, facts)
    if (proposal.text !== undefined) {
      const said = await judgeOpenProposal(access, open, { path: facts.path, text: proposal.text })
      if (open && said) return reportOpenProposal(open, said, triedText(facts))
      return publish(start, { proposal, facts, own, text: proposal.text, onto: open })
    }
    return {
      ...ANSWER,
      message: own
        ? `${own.path} does not work, and Backspace found nothing that does.`
        : 'Nothing could be proposed.',
      report: nothingFoundText(facts),
    }
  }

  /** Sentences for people, each once. */
  async function missingIn(
    { project, repo }: ReadySandbox,
    own: OwnFile | undefined,
  ): Promise<readonly string[]> {
    const setup = project.setupFailed ? [project.setup] : []
    const all = [
      ...setup,
      ...repo.unmet,
      ...(own?.settings.problems ?? []),
      ...refusedIn(await journal.events()),
    ]
    return [...new Set(all)]
  }
}

const NOTHING_FOUND = { projects: [], baseline: [], untested: [] }
const ANSWER = { status: 'succeeded', outcome: 'answer', models: [] } as const

interface TriedOut {
  readonly ready: ReadySandbox
  readonly tried: TriedCommands
}

/** Drops commands that contain what looks like a secret. */
function withoutSecrets(project: ProjectPlan, isClean: (command: string) => boolean): ProjectPlan {
  return {
    ...project,
    setup: project.setup.filter(isClean),
    checks: project.checks.filter(({ command }) => isClean(command)),
  }
}

/** Drops variables that look like secrets. */
function proposedVariables(
  variables: Readonly<Record<string, string>>,
  isClean: (line: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(withoutPlaces(variables)).filter(([name, value]) => isClean(`${name}=${value}`)),
  )
}

function headOf(sha: string): readonly string[] {
  return [
    'How Backspace installs and checks this repository: exactly these commands, from its root, in this order.',
    `Written and tried by /backspace setup at ${sha.slice(0, 7)}. Without a key, Backspace looks for itself.`,
  ]
}

function reportThatItWorks({ path, settings }: OwnFile, facts: ProposalFacts): RunReport {
  const { checks } = facts.commands
  const failing = checks.filter(({ result }) => result && checkEnding(result) !== 'passed').length
  const all =
    settings.problems.length > 0
      ? safeMarkdown`Every command of ${ownWords(`\`${path}\``)} can be run. Some of its keys were not understood: see below.`
      : safeMarkdown`Every command of ${ownWords(`\`${path}\``)} can be run, so there is nothing to correct.`
  const red =
    failing === 0
      ? safeMarkdown``
      : safeMarkdown` ${failing} of ${checks.length} checks ${ownWords(failing === 1 ? 'fails' : 'fail')} on the code as it is. To make them pass, change the code.`
  return {
    ...ANSWER,
    message: `${path} works.`,
    report: safeMarkdown`${all}${red} No AI model was used, so this run cost nothing.\n\n${triedText(facts)}`,
  }
}
