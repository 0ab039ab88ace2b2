import type { PlanItem } from '../../agent/agent-event.ts'
import type { RunTotals, Step } from '../../runs/run-event.ts'
import type { Addition, ProgressState, ProgressStep } from '../../runs/summary/progress.ts'
import { costText, durationText } from '../../text/amounts.ts'
import { codeSpan, fenced } from '../../text/fenced.ts'
import type { OutboundOptions } from '../../text/outbound-inline.ts'
import { outboundItem, outboundMarkdown } from '../../text/outbound-markdown.ts'
import { joinSafe, NOTHING, ownWords, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'
import type { ThreadReport } from '../run-report.ts'
import { totalCost } from '../texts/usage-details.ts'

export interface ProgressTextContext extends OutboundOptions {
  readonly runId: string
  /** Undefined when nobody but this machine could open it. */
  readonly runUrl: string | undefined
  readonly now: Date
  /** Known before the terminal event is; says more than it. */
  readonly conclusion?: ThreadReport
}

const MAX_ANSWER = 40_000
const MAX_DIFF = 15_000
const MOST_PLAN_ITEMS = 30
/** What a step's own message leaves open. */
const LABELS: Partial<Record<Step, string>> = { baseline: 'Checks before: ', checks: 'Checks after: ' }
const SIGNS = { running: '⏳', ok: '✅', failed: '❌', skipped: '➖' } as const

/** Hidden in a run's comment, which is found again by it. */
export function progressMarker(runId: string): SafeMarkdown {
  return ownWords(`<!-- backspace-run:${runId} -->`)
}

/** The progress comment of a run: what it is doing, or how it ended. Always below GitHub's 65,536 characters. */
export function progressText(state: ProgressState, context: ProgressTextContext): SafeMarkdown {
  const conclusion = context.conclusion ?? state.end
  const parts = conclusion ? endParts(conclusion, { state, context }) : runningParts(state, context)
  return joinSafe([...parts, progressMarker(context.runId)], '\n\n')
}

function runningParts(state: ProgressState, context: ProgressTextContext): readonly SafeMarkdown[] {
  return [
    safeMarkdown`### ${ownWords(headline(state))}`,
    planList(state.plan, context),
    additions(state.added, context),
    joinSafe(
      state.steps.map((step) => stepLine(step, { tool: state.tool, context })),
      '\n',
    ),
    notes(state.notices, context),
    facts([...runningFacts(state, context.now), ...link(context)]),
  ]
}

function facts(parts: readonly string[]): SafeMarkdown {
  return parts.length === 0 ? NOTHING : safeMarkdown`<sub>${ownWords(parts.join(' · '))}</sub>`
}

function headline({ startedAt, position, attempt, steps }: ProgressState): string {
  if (startedAt === null)
    return position !== null && position > 1
      ? `👀 Waiting: number ${position} in the queue`
      : '👀 Starting soon'
  if (attempt > 1 && steps.every(({ status }) => status !== 'running')) return '⏳ Going on after a restart'
  return '⏳ Working on it'
}

function runningFacts(
  { startedAt, turns, toolCalls, costUsd, costIncomplete }: ProgressState,
  now: Date,
): readonly string[] {
  if (startedAt === null) return []
  const elapsed = durationText(Math.max(0, Math.round((now.getTime() - Date.parse(startedAt)) / 1000) * 1000))
  const cost = totalCost({ costUsd: costIncomplete ? null : costUsd, knownCostUsd: costUsd })
  return [
    elapsed,
    ...(turns === 0 ? [] : [`${counted(turns, 'turn')}, ${counted(toolCalls, 'tool call')}`, cost]),
  ]
}

function planList(items: readonly PlanItem[], context: ProgressTextContext): SafeMarkdown {
  const lines = items.slice(0, MOST_PLAN_ITEMS).map((item) => planLine(item, context))
  const more = items.length - lines.length
  return joinSafe([...lines, more > 0 ? safeMarkdown`- … and ${more} more` : NOTHING], '\n')
}

function planLine({ text, status }: PlanItem, context: ProgressTextContext): SafeMarkdown {
  const shown = outboundItem(text, context)
  switch (status) {
    case 'done':
      return safeMarkdown`- [x] ${shown}`
    case 'in_progress':
      return safeMarkdown`- [ ] ${shown} ⏳`
    case 'pending':
      return safeMarkdown`- [ ] ${shown}`
    case 'dropped':
      return safeMarkdown`- ${shown} (dropped)`
  }
}

function stepLine(
  { step, status, message, durationMs }: ProgressStep,
  { tool, context }: { readonly tool: string | null; readonly context: ProgressTextContext },
): SafeMarkdown {
  const label = status === 'running' || status === 'skipped' ? '' : (LABELS[step] ?? '')
  const shown = safeMarkdown`- ${ownWords(SIGNS[status])} ${ownWords(label)}${outboundItem(message, context)}`
  if (status === 'running') return tool === null ? shown : safeMarkdown`${shown}: ${codeSpan(tool)}`
  // Most messages name their time themselves; it is added where it is worth knowing and missing.
  const time = durationMs >= 1000 && !/\d m?s$/.test(message) ? ` (${durationText(durationMs)})` : ''
  return safeMarkdown`${shown}${ownWords(time)}`
}

function endParts(
  conclusion: ThreadReport,
  { state, context }: { readonly state: ProgressState; readonly context: ProgressTextContext },
): readonly SafeMarkdown[] {
  const { text = '', report = NOTHING, notes: sentences = [] } = conclusion
  const steps = state.steps.filter(({ step }) => step !== 'report')
  return [
    safeMarkdown`### ${ending(conclusion, context)}`,
    additions(state.added, context),
    saysItself(conclusion) ? NOTHING : outboundMarkdown(conclusion.message, { ...context, maxChars: 3000 }),
    outboundMarkdown(text, { ...context, maxChars: MAX_ANSWER }),
    report,
    whatNext(conclusion, context),
    notes(sentences, context),
    keptDiffPart(conclusion, context),
    steps.length === 0
      ? NOTHING
      : details(
          'What was done',
          joinSafe(
            steps.map((step) => stepLine(step, { tool: null, context })),
            '\n',
          ),
        ),
    facts([...pullRequestLink(conclusion), ...endFacts(conclusion.totals), ...link(context)]),
  ]
}

/** Whether the heading and the text hold all that the message would say. */
function saysItself({ status, text = '', pullRequestUrl }: ThreadReport): boolean {
  return status === 'succeeded' && (text !== '' || Boolean(pullRequestUrl))
}

function ending(conclusion: ThreadReport, context: ProgressTextContext): SafeMarkdown {
  const { status, outcome, message, pullRequestUrl } = conclusion
  if (status === 'cancelled') return safeMarkdown`🛑 Stopped`
  if (status === 'failed') return safeMarkdown`😕 This did not work`
  if (pullRequestUrl) return safeMarkdown`🚀 ${outboundItem(message, context)}`
  switch (outcome) {
    case 'question':
      return safeMarkdown`❓ A question before this can go on`
    case 'triage':
      return safeMarkdown`🔎 Triage`
    case 'plan':
      return safeMarkdown`📝 A plan`
    case 'answer':
      return safeMarkdown`💬 Answer`
    case 'pull_request':
    case null:
      return safeMarkdown`🚀 Done`
  }
}

/** A question and a plan wait for a person: how to go on. */
function whatNext({ outcome }: ThreadReport, { mayMention }: ProgressTextContext): SafeMarkdown {
  const who = ownWords((mayMention ?? []).map((login) => `@${login}`).join(', '))
  switch (outcome) {
    case 'question':
      return who === ''
        ? safeMarkdown`Comment \`/backspace <your answer>\` to continue.`
        : safeMarkdown`${who}: comment \`/backspace <your answer>\` to continue.`
    case 'plan':
      return safeMarkdown`Comment \`/backspace approve\` to carry it out; what you write after \`approve\` is taken into account. Comment \`/backspace --plan <what to change>\` for another plan based on this one.`
    default:
      return NOTHING
  }
}

function additions(added: readonly Addition[], context: ProgressTextContext): SafeMarkdown {
  const lines = added.map(
    ({ author, text }) => safeMarkdown`> 💬 ${outboundItem(`${author} added: ${text}`, context)}`,
  )
  return joinSafe(lines, '\n>\n')
}

function endFacts({ durationMs, turns, costUsd, models }: RunTotals): readonly string[] {
  const names = models.filter((model) => model !== 'dummy')
  const used =
    names.length === 0 ? ['no AI model'] : [names.join(', then '), counted(turns, 'turn'), costText(costUsd)]
  return [durationText(durationMs), ...used]
}

function notes(sentences: readonly string[], context: ProgressTextContext): SafeMarkdown {
  const lines = sentences.slice(0, 20).map((sentence) => safeMarkdown`> ⚠️ ${outboundItem(sentence, context)}`)
  return joinSafe(lines, '\n>\n')
}

function details(summary: string, content: SafeMarkdown): SafeMarkdown {
  return safeMarkdown`<details><summary>${ownWords(summary)}</summary>\n\n${content}\n\n</details>`
}

/** A change that may hold a secret is shown only where the run is. */
function keptDiffPart({ keptDiff = '', code }: ThreadReport, { runUrl }: ProgressTextContext): SafeMarkdown {
  if (keptDiff === '') return NOTHING
  if (keptDiff.length <= MAX_DIFF && code !== 'secret_found') {
    return details('The diff that was not published', fenced(keptDiff, 'diff'))
  }
  return runUrl === undefined
    ? safeMarkdown`The diff was not published; it is on the page of the run.`
    : safeMarkdown`The diff that was not published: ${ownWords(`[${runUrl}/diff](${runUrl}/diff)`)}`
}

/** GitHub links the number in the heading; a mail does not. */
function pullRequestLink({ pullRequestUrl }: ThreadReport): readonly string[] {
  return pullRequestUrl ? [`[the pull request](${pullRequestUrl})`] : []
}

function link({ runUrl }: ProgressTextContext): readonly string[] {
  return runUrl === undefined ? [] : [`[every step](${runUrl})`]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
