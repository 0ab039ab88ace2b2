import type { PlanItem } from '../../agent/agent-event.ts'
import type { RunTotals, Step } from '../../runs/run-event.ts'
import type { Addition, ProgressState, ProgressStep } from '../../runs/summary/progress.ts'
import { costText, durationText } from '../../text/amounts.ts'
import { codeSpan, fenced } from '../../text/fenced.ts'
import type { ThreadReport } from '../run-report.ts'
import type { OutboundOptions } from '../texts/outbound-inline.ts'
import { outboundMarkdown } from '../texts/outbound-markdown.ts'
import { totalCost } from '../texts/usage-details.ts'

export interface ProgressTextContext extends OutboundOptions {
  readonly runId: string
  readonly runUrl: string
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

/** By which a run's comment is found again; shown to nobody. */
export function progressMarker(runId: string): string {
  return `<!-- backspace-run:${runId} -->`
}

/** The progress comment of a run: what it is doing, or how it ended. Always below GitHub's 65,536 characters. */
export function progressText(state: ProgressState, context: ProgressTextContext): string {
  const conclusion = context.conclusion ?? state.end
  const parts = conclusion ? endParts(conclusion, { state, context }) : runningParts(state, context)
  return [...parts.filter((part) => part !== ''), progressMarker(context.runId)].join('\n\n')
}

function runningParts(state: ProgressState, context: ProgressTextContext): readonly string[] {
  return [
    `### ${headline(state)}`,
    planList(state.plan, context),
    additions(state.added, context),
    state.steps.map((step) => stepLine(step, { tool: state.tool, context })).join('\n'),
    notes(state.notices, context),
    `<sub>${[...runningFacts(state, context.now), link(context)].join(' · ')}</sub>`,
  ]
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

function planList(items: readonly PlanItem[], context: ProgressTextContext): string {
  const lines = items.slice(0, MOST_PLAN_ITEMS).map((item) => planLine(item, context))
  const more = items.length - lines.length
  return [...lines, ...(more > 0 ? [`- … and ${more} more`] : [])].join('\n')
}

function planLine({ text, status }: PlanItem, context: ProgressTextContext): string {
  const shown = oneLine(text, context)
  switch (status) {
    case 'done':
      return `- [x] ${shown}`
    case 'in_progress':
      return `- [ ] ${shown} ⏳`
    case 'pending':
      return `- [ ] ${shown}`
    case 'dropped':
      return `- ${shown} (dropped)`
  }
}

function stepLine(
  { step, status, message, durationMs }: ProgressStep,
  { tool, context }: { readonly tool: string | null; readonly context: ProgressTextContext },
): string {
  const label = status === 'running' || status === 'skipped' ? '' : (LABELS[step] ?? '')
  const shown = `${label}${oneLine(message, context)}`
  if (status === 'running') return `- ${SIGNS.running} ${shown}${tool === null ? '' : `: ${codeSpan(tool)}`}`
  // Most messages name their time themselves; it is added where it is worth knowing and missing.
  const time = durationMs >= 1000 && !/\d m?s$/.test(message) ? ` (${durationText(durationMs)})` : ''
  return `- ${SIGNS[status]} ${shown}${time}`
}

function endParts(
  conclusion: ThreadReport,
  { state, context }: { readonly state: ProgressState; readonly context: ProgressTextContext },
): readonly string[] {
  const { text = '', notes: sentences = [] } = conclusion
  const steps = state.steps.filter(({ step }) => step !== 'report')
  return [
    `### ${ending(conclusion, context)}`,
    additions(state.added, context),
    saysItself(conclusion) ? '' : outboundMarkdown(conclusion.message, { ...context, maxChars: 3000 }),
    outboundMarkdown(text, { ...context, maxChars: MAX_ANSWER }),
    whatNext(conclusion, context),
    notes(sentences, context),
    keptDiffPart(conclusion, context),
    steps.length === 0
      ? ''
      : details('What was done', steps.map((step) => stepLine(step, { tool: null, context })).join('\n')),
    `<sub>${[...pullRequestLink(conclusion), ...endFacts(conclusion.totals), link(context)].join(' · ')}</sub>`,
  ]
}

/** Whether the heading and the text hold all that the message would say. */
function saysItself({ status, text = '', pullRequestUrl }: ThreadReport): boolean {
  return status === 'succeeded' && (text !== '' || Boolean(pullRequestUrl))
}

function ending(
  { status, outcome, message, pullRequestUrl }: ThreadReport,
  context: ProgressTextContext,
): string {
  if (status === 'cancelled') return '🛑 Stopped'
  if (status === 'failed') return '😕 This did not work'
  if (pullRequestUrl) return `🚀 ${oneLine(message, context)}`
  switch (outcome) {
    case 'question':
      return '❓ A question before this can go on'
    case 'triage':
      return '🔎 Triage'
    case 'plan':
      return '📝 A plan'
    case 'answer':
      return '💬 Answer'
    case 'pull_request':
    case null:
      return '🚀 Done'
  }
}

/** A question and a plan wait for a person: how to go on. */
function whatNext({ outcome }: ThreadReport, { mayMention }: ProgressTextContext): string {
  const who = (mayMention ?? []).map((login) => `@${login}`).join(', ')
  switch (outcome) {
    case 'question':
      return `${who ? `${who}: comment` : 'Comment'} \`/backspace <your answer>\` to go on from here.`
    case 'plan':
      return 'Comment `/backspace approve` to have it carried out; words after `approve` are added. `/backspace --plan <what to change>` makes another plan from this one.'
    default:
      return ''
  }
}

function additions(added: readonly Addition[], context: ProgressTextContext): string {
  return added.map(({ author, text }) => `> 💬 ${oneLine(`${author} added: ${text}`, context)}`).join('\n>\n')
}

function endFacts({ durationMs, turns, costUsd, models }: RunTotals): readonly string[] {
  const names = models.filter((model) => model !== 'dummy')
  const used =
    names.length === 0 ? ['no AI model'] : [names.join(', then '), counted(turns, 'turn'), costText(costUsd)]
  return [durationText(durationMs), ...used]
}

function notes(sentences: readonly string[], context: ProgressTextContext): string {
  return sentences
    .slice(0, 20)
    .map((sentence) => `> ⚠️ ${oneLine(sentence, context)}`)
    .join('\n>\n')
}

function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}

function oneLine(text: string, context: ProgressTextContext): string {
  return outboundMarkdown(text.replace(/\s+/g, ' ').trim(), { ...context, maxChars: 400 }).replaceAll(
    '\n',
    ' ',
  )
}

/** A change that may hold a secret is shown only where the run is. */
function keptDiffPart({ keptDiff = '', code }: ThreadReport, { runUrl }: ProgressTextContext): string {
  if (keptDiff === '') return ''
  if (keptDiff.length <= MAX_DIFF && code !== 'secret_found') {
    return details('The diff that was not published', fenced(keptDiff, 'diff'))
  }
  return `The diff that was not published: [${runUrl}/diff](${runUrl}/diff)`
}

/** GitHub links the number in the heading; a mail does not. */
function pullRequestLink({ pullRequestUrl }: ThreadReport): readonly string[] {
  return pullRequestUrl ? [`[the pull request](${pullRequestUrl})`] : []
}

function link({ runUrl }: ProgressTextContext): string {
  return `[every step](${runUrl})`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
