import type { ProjectPlan } from '../../checks/plans/plan.ts'
import { PROPOSED_PATH, proposedProjects } from '../../checks/settings-proposal.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Redact } from '../../secrets/redact.ts'
import { counted } from '../../text/amounts.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { maskSafe, ownWords, safeMarkdown } from '../../text/safe-markdown.ts'
import { inTurns } from '../../time/pieces.ts'
import type { Attempt } from '../attempt.ts'
import type { BaselineNames } from '../checks/baseline-names.ts'
import type { KeptConventions } from '../conventions/read-conventions.ts'
import type { FindStart, StartingPoint } from '../find-start.ts'
import type { Journal } from '../journal.ts'
import { commitMessage } from '../publish/commit.ts'
import { branchName } from '../publish/new-branch.ts'
import type { PublishPlan, PublishPlans } from '../publish/publish-plan.ts'
import type { Publisher } from '../publish/publisher.ts'
import { requirePublishable } from '../publish/require-publishable.ts'
import type { GetReadySandbox, ReadySandbox } from '../ready-sandbox.ts'
import { type RunReport, reportEarlierPullRequest } from '../run-report.ts'
import { isLost } from '../sandbox/attempt-sandboxes.ts'
import { refusedIn } from '../sandbox/name-refused-hosts.ts'
import { changedFileOf, type OwnFile, readOwnFile } from './own-file.ts'
import {
  nothingFoundText,
  type ProposalFacts,
  proposalBody,
  proposalTitle,
  triedText,
} from './proposal-text.ts'
import { everythingWorks, type Findings, notCovered, type Proposal, propose } from './propose-lists.ts'
import { causesIn, type TriedCommands, triedIn, tryProjects } from './try-projects.ts'

/**
 * Tries out how the default branch of a repository is installed and checked, without an agent, and opens a pull request with
 * `.github/backspace.yml`. Each byte of the file is the host's: the sandbox only says how commands end.
 */
export type ProposeFile = (access: RepositoryAccess) => Promise<RunReport>

interface ProposeParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'leftMs' | 'record'>
  readonly journal: Journal
  readonly readySandbox: GetReadySandbox
  readonly findStart: FindStart
  readonly conventions: Pick<KeptConventions, 'known'>
  readonly publishing: {
    readonly publisher: Pick<Publisher, 'carryOut'>
    readonly plans: Pick<PublishPlans, 'store'>
    readonly names: Pick<BaselineNames, 'readReport'>
    readonly links: { readonly webUrl: string; readonly runUrl: string | undefined }
    readonly redact: Redact
  }
}

export function createProposeFile(parts: ProposeParts): ProposeFile {
  const { attempt, journal, readySandbox, findStart, conventions, publishing } = parts
  const { run, signal } = attempt
  const { publisher, plans, names, links, redact } = publishing

  /** One that is lost is replaced once; what was tried in it is known. */
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

  async function publish(
    start: StartingPoint,
    {
      proposal,
      facts,
      own,
    }: { readonly proposal: Proposal; readonly facts: ProposalFacts; readonly own: OwnFile | undefined },
    text: string,
  ): Promise<RunReport> {
    const { access, base } = start
    const file = changedFileOf(own, text)
    await journal.step('collect', `Writing ${file.path}`, async () => {
      const { path, status, additions, deletions, diff } = file
      journal.emit({ type: 'changes.collected', files: [{ path, status, additions, deletions }], diff })
      return { value: undefined, message: `Wrote ${path}: ${counted(additions, 'line')}` }
    })
    const moved = await requirePublishable(access, { run, base })
    const style = conventions.known()
    const title = proposalTitle(file.path, own !== undefined, style.title)
    const { results, passed } = countOf(proposal)
    const draft = passed === 0
    const body = proposalBody(
      { ...facts, missing: [...facts.missing, ...moved] },
      { run, runUrl: links.runUrl, isCorrection: own !== undefined, without: proposal.without },
    )
    const plan: PublishPlan = {
      title,
      body: await inTurns(maskSafe(body, redact)),
      message: commitMessage({ run, title, webUrl: links.webUrl }),
      branch: branchName(run, title, style.prefix),
      draft,
      notes: draft ? ['No check passed, so the pull request is a draft.'] : [],
      withheldDiff: '',
      models: [],
      verdict: {
        conclusion: passed > 0 && passed === results ? 'success' : 'neutral',
        title: `${passed} of ${counted(results, 'check')} passed`,
        summary: await inTurns(maskSafe(triedText(facts), redact)),
      },
    }
    const reasons = ['The host wrote the file itself.']
    await attempt.record({
      kind: 'gate.passed',
      facts: { files: 1, withheld: 0, protected: 0, draft, reasons },
    })
    await plans.store(plan)
    return publisher.carryOut(access, {
      base,
      plan,
      change: { kind: 'files', files: [file], tree: undefined },
    })
  }

  return async (access) => {
    const done = await reportEarlierPullRequest(access, run)
    if (done) return done
    const request = { ...run.request, thread: undefined }
    const { start, report } = await findStart(access, { request, goesOnMerging: false })
    if (report) return report
    const { base } = start
    const { repository } = access
    const own = await readOwnFile(start)
    const { ready, tried } = await tryOut(start, own)
    const { found = NOTHING_FOUND } = ready.project.repository ?? {}
    const findings: Findings = {
      found: { ...found, projects: found.projects.map((one) => withoutSecrets(one, redact)) },
      tried,
      variables: proposedVariables(ready.repo.variables, redact),
      own,
    }
    const proposal = propose(findings, headOf(base.sha))
    const facts: ProposalFacts = {
      commands: proposal.commands,
      path: own?.path ?? PROPOSED_PATH,
      sha: base.sha,
      missing: [...causesIn(tried), ...(await missingIn(ready, own))],
      // What the repository's own commands cover is not known.
      notCovered: own?.settings.checks === undefined ? notCovered(found, tried) : [],
      repository: `${repository.owner}/${repository.name}`,
    }
    if (own && everythingWorks(tried, own)) return reportThatItWorks(own, facts)
    if (proposal.text !== undefined) return publish(start, { proposal, facts, own }, proposal.text)
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

/** A command of the repository's own files that holds what looks like a secret is not repeated. */
function withoutSecrets(project: ProjectPlan, redact: Redact): ProjectPlan {
  const isClean = (command: string) => redact(command) === command
  return {
    ...project,
    setup: project.setup.filter(isClean),
    checks: project.checks.filter(({ command }) => isClean(command)),
  }
}

/** JAVA_HOME is where this sandbox has its Java; what looks like a secret is not repeated in another file. */
function proposedVariables(
  variables: Readonly<Record<string, string>>,
  redact: Redact,
): Readonly<Record<string, string>> {
  const isClean = (line: string) => redact(line) === line
  return Object.fromEntries(
    Object.entries(variables).filter(([name, value]) => name !== 'JAVA_HOME' && isClean(`${name}=${value}`)),
  )
}

function headOf(sha: string): readonly string[] {
  return [
    'How Backspace installs and checks this repository: exactly these commands, from its root, in this order.',
    `Written and tried by /backspace setup at ${sha.slice(0, 7)}. Without a key, Backspace looks for itself.`,
  ]
}

function countOf({ commands }: Proposal): { readonly results: number; readonly passed: number } {
  const results = commands.checks.flatMap(({ result }) => result ?? [])
  return { results: results.length, passed: results.filter((one) => checkEnding(one) === 'passed').length }
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
      : safeMarkdown` ${failing} of ${checks.length} checks ${ownWords(failing === 1 ? 'fails' : 'fail')} on the code as it is: that is for a change of the code.`
  return {
    ...ANSWER,
    message: `${path} works.`,
    report: safeMarkdown`${all}${red} No AI model was used, so this run cost nothing.\n\n${triedText(facts)}`,
  }
}
