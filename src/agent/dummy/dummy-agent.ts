import type { Agent, AgentContext, AgentTask, BareOutcome } from '../agent.ts'
import { isChanged, readWorkspaceState } from '../look-around.ts'
import { titleOf } from '../title.ts'
import { findWrittenChanges, type WrittenChange } from './find-written-changes.ts'
import { type CodeOwnersReader, codeOwnersOf } from './owners.ts'
import { createToolUser, type ToolUser } from './tool-user.ts'
import { writeTriage } from './triage.ts'
import { type AppliedChange, applyWrittenChanges } from './written-changes.ts'

/** Functions that may take long on hostile text; each returns undefined when it takes too long. */
export interface SlowReading {
  readonly findWrittenChanges: (markdowns: readonly string[]) => Promise<readonly WrittenChange[] | undefined>
  readonly codeOwners: CodeOwnersReader
}

/**
 * The agent without a model, which it also tells people. It applies a change that a person wrote into the request; without
 * one it reports where the words of the request occur in the code.
 *
 * @param options.now milliseconds since the epoch, with fractions.
 * @param options.reading the service passes functions that run in a thread. Default: they run on the main thread.
 */
export function createDummyAgent({
  now = () => performance.timeOrigin + performance.now(),
  reading = {
    findWrittenChanges: async (texts) => findWrittenChanges(texts),
    codeOwners: async (query) => codeOwnersOf(query),
  },
}: {
  readonly now?: () => number
  readonly reading?: SlowReading
} = {}): Agent {
  return {
    name: 'dummy',
    async work(task, context) {
      const tools = createToolUser(task, { context, now })
      const why = whyNoModel(task)
      context.emit({ type: 'agent.message', text: why })
      const changes = task.plan ? [] : await changesIn(task, reading)
      const parts = { task, context, tools, why, reading }
      const outcome =
        changes.length > 0
          ? await applyOrExplain({ ...parts, changes })
          : await writeTriage({ ...parts, failures: [] })
      return { ...outcome, totals: tools.totals() }
    },
  }
}

/** Texts from which changes are applied. An outsider's text may describe a task, but its changes are not applied unread. */
function writtenByPeople({ prompt, thread }: AgentTask): string[] {
  return [prompt, ...(thread?.trusted ? [thread.body] : [])]
}

async function changesIn(task: AgentTask, reading: SlowReading): Promise<readonly WrittenChange[]> {
  const changes = await reading.findWrittenChanges(writtenByPeople(task))
  const why = 'the request is too large, or nested too deeply, to look for changes in it'
  return changes ?? [{ kind: 'unusable', why }]
}

function whyNoModel({ whyNoModel = [] }: AgentTask): string {
  const reasons = whyNoModel.map((reason) => reason.trim().replace(/\.$/, '')).filter(Boolean)
  return `No AI model was used: ${reasons.join('; ') || 'none is configured'}.`
}

async function applyOrExplain(parts: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly tools: ToolUser
  readonly why: string
  readonly reading: SlowReading
  readonly changes: readonly WrittenChange[]
}): Promise<BareOutcome> {
  const { task, context, tools, why, reading, changes } = parts
  const { sandbox } = context
  const { workspace } = task
  showPlan(tools, 'apply')
  const before = await readWorkspaceState(sandbox, workspace)
  const applied = await applyWrittenChanges(changes, { sandbox, workspace, tools })
  const failures = applied.filter(({ status }) => status === 'failed').map(({ line }) => line)
  if (!isChanged(before, await readWorkspaceState(sandbox, workspace))) {
    if (failures.length > 0) return writeTriage({ task, context, tools, why, reading, failures })
    return {
      kind: 'no_change',
      title: titleOf(task),
      summary: `${why} The change written in the request is in the code already:\n\n${list(applied)}`,
    }
  }
  showPlan(tools, 'check')
  const { ok, refused } = await context.verify()
  context.signal.throwIfAborted()
  showPlan(tools, 'done')
  const objection = ok ? undefined : (refused ?? 'Checks fail that did not fail before.')
  return toOutcome({ task, why, applied, failures, objection })
}

function toOutcome(given: {
  task: AgentTask
  why: string
  applied: readonly AppliedChange[]
  failures: readonly string[]
  objection: string | undefined
}): BareOutcome {
  const { task, why, applied, failures, objection } = given
  const done = applied.filter(({ status }) => status !== 'failed')
  const reasons = [
    ...(failures.length > 0
      ? [`${failures.length} of ${applied.length} written changes did not apply.`]
      : []),
    ...(objection === undefined ? [] : [objection]),
  ]
  const summary = [
    `${why} Applied the change written in the request.`,
    list(done),
    ...(failures.length > 0 ? [`Not applied:\n\n${failures.map((line) => `- ${line}`).join('\n')}`] : []),
  ].join('\n\n')
  const shared = { title: titleOf(task), summary }
  if (reasons.length === 0) return { kind: 'done', ...shared }
  return { kind: 'partial', ...shared, reason: reasons.join(' '), code: 'model_unavailable' }
}

function showPlan(tools: ToolUser, now: 'apply' | 'check' | 'done'): void {
  tools.plan([
    { text: 'Apply the change written in the request', status: now === 'apply' ? 'in_progress' : 'done' },
    {
      text: 'Run the checks of the repository',
      status: now === 'apply' ? 'pending' : now === 'check' ? 'in_progress' : 'done',
    },
  ])
}

function list(changes: readonly AppliedChange[]): string {
  return changes
    .map(({ status, line }) => `- ${line}${status === 'already there' ? ' (it was there already)' : ''}`)
    .join('\n')
}
