import type { AgentContext, AgentOutcome, AgentTask } from '../agent.ts'
import { lookAround } from '../look-around.ts'
import { titleOf } from '../title-of.ts'
import { lookUpOwners } from './look-up-owners.ts'
import { isTest, searchHits } from './search-hits.ts'
import { findNamedThings } from './search-terms.ts'
import type { ToolUser } from './tool-user.ts'
import { triageReport } from './triage-report.ts'

const LIKELY_FILES = 5

/**
 * Looks for what the request is about and writes a report.
 *
 * @param failures why changes written in the request were not applied.
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function writeTriage(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly tools: ToolUser
  readonly why: string
  readonly failures: readonly string[]
}): Promise<Omit<AgentOutcome, 'totals'>> {
  const { task, context, tools, why, failures } = given
  const { sandbox, signal } = context
  const { workspace } = task
  showPlan(tools, 0)
  const { files, fileCount } = await lookAround(sandbox, { workspace, signal })
  const named = findNamedThings(requestText(task), files)
  const namedPaths = named.files.map(({ path }) => path)
  const ranked = await searchHits(named.terms, { tools, fileCount, named: new Set(namedPaths) })
  const found = ranked.files.map(({ path }) => path).filter((path) => !isTest(path))
  const likely = [...new Set([...namedPaths, ...found])].slice(0, LIKELY_FILES)
  showPlan(tools, 1)
  const owners = await lookUpOwners(likely, { sandbox, workspace, files, tools })
  showPlan(tools, 2)
  const summary = triageReport({ task, why, failures, files, named, ranked, likely, owners })
  return { kind: 'triage', title: titleOf(task), summary }
}

/** The title first, because it names the thing; each text once, because a request may adopt its issue. */
function requestText({ prompt, thread }: AgentTask): string {
  const parts = [thread?.title ?? '', prompt, thread?.body ?? '']
  return parts
    .filter((part, index) => !parts.slice(0, index).some((earlier) => earlier.includes(part)))
    .join('\n')
}

function showPlan(tools: ToolUser, done: number): void {
  const steps = [
    'Search the code for the words of the request',
    'Find tests, owners and history of these files',
  ]
  tools.plan(
    steps.map((text, index) => ({
      text,
      status: index < done ? 'done' : index === done ? 'in_progress' : 'pending',
    })),
  )
}
