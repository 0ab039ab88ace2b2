import type { CheckResult } from '../../checks/run-checks.ts'
import {
  NOT_RUN,
  PROPOSED_PATH,
  type ProposedCommand,
  proposeSettings,
} from '../../checks/settings-proposal.ts'
import { settingsText } from '../../checks/settings-text.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { fenced, inlineCode } from '../../text/markdown/fenced.ts'
import { NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Base } from '../workspace/workspace.ts'

/** Whether a run has opened a pull request in this repository before. */
export type HasOpened = (repository: RepositoryAccess['repository']) => Promise<boolean>

interface OfferFacts {
  readonly repository: RepositoryAccess['repository']
  readonly base: Base
  /** True if the base commit has a settings file. */
  readonly hasSettings: boolean
  readonly project: Pick<ProjectFacts, 'repository'>
  /** The events of the run so far. */
  readonly events: readonly RunEvent[]
  /** Results of the checks on the change. */
  readonly after: readonly CheckResult[]
}

/** A longer file is not shown; `/backspace setup` proposes it. */
const MOST_CHARACTERS = 4000

/**
 * Offers a settings file with the commands that were installed and checked, in the first pull request of a repository
 * without such a file.
 *
 * @returns an empty text in later pull requests, and if a settings file or the owner's defaults name the commands.
 */
export async function offerSettings(
  { repository, base, hasSettings, project: { repository: plan }, events, after }: OfferFacts,
  hasOpened: HasOpened,
): Promise<SafeMarkdown> {
  if (base.pullRequest || hasSettings || plan === undefined || plan.said !== undefined) return NOTHING
  if (await hasOpened(repository)) return NOTHING
  const results = resultsOf(events, after)
  const proposed = proposeSettings(plan, (command) => results.get(command))
  // Commands of projects that the change does not reach were not tried, and are offered anyway.
  const kept = (one: ProposedCommand) => (one.leftOut === NOT_RUN ? { ...one, leftOut: undefined } : one)
  const written = settingsText({ setup: proposed.setup.map(kept), checks: proposed.checks.map(kept) })
  if (written === undefined || written.text.length > MOST_CHARACTERS || written.without.length > 0)
    return NOTHING
  const file = inlineCode(PROPOSED_PATH)
  return safeMarkdown`<details><summary>How Backspace installed and checked this repository</summary>\n\nThis is what it found by itself. If something is wrong or missing, put it right in ${file} on ${inlineCode(base.branch)}: from then on exactly its commands run. \`/backspace setup\` opens a pull request with this file, after it has tried every command; that uses no model. This note appears in the first pull request only.\n\n${fenced(written.text.trimEnd(), 'yaml')}\n\n</details>`
}

/** The latest result of each command. */
function resultsOf(
  events: readonly RunEvent[],
  after: readonly CheckResult[],
): ReadonlyMap<string, CheckResult> {
  const setup = events.findLast((event) => event.type === 'setup.finished')?.results ?? []
  const before = events.findLast((event) => event.type === 'checks.finished' && event.phase === 'before')
  const all: readonly CheckResult[] = [
    ...setup.map(({ output: _, ...result }) => ({ ...result, tail: '' })),
    ...(before?.type === 'checks.finished' ? before.results : []),
    ...after,
  ]
  return new Map(all.map((result) => [result.command, result]))
}
