import type { FollowUpEvent } from '../../agent/agent-event.ts'
import type { RunTotals } from '../../runs/run-event.ts'
import { nextSteps } from '../../runs/summary/next-steps.ts'
import type { RunState, StepState } from '../../runs/summary/run-state.ts'
import { costOf, totalCost } from '../../runs/summary/run-usage.ts'
import { queueText, sentenceOf, stepText } from '../../runs/summary/sentences.ts'
import { agentsText } from '../../text/agent-name.ts'
import { agentWords } from '../../text/agent-words.ts'
import { counted, durationText } from '../../text/amounts.ts'
import { codeSpan, fenced } from '../../text/markdown/fenced.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem, outboundMarkdown, outboundTitle } from '../../text/markdown/outbound-markdown.ts'
import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import type { ThreadReport } from '../run-report.ts'
import { verdictLine } from '../texts/verification-text.ts'
import { planList } from './plan-list.ts'
import { earlierProofs, PROOF_MARKER, type SharedProof } from './proof-comment.ts'

export interface ProgressTextContext extends OutboundOptions {
  readonly runId: string
  /** URL of a run's page; undefined if only this machine could open it. */
  readonly runUrlOf: (runId: string) => string | undefined
  /** Set for a proof, which shares its comment with other proofs of the same pull request. */
  readonly proof?: SharedProof | undefined
  readonly now: Date
  /** What similar runs took and cost; undefined when that is not known, or when the run has ended. */
  readonly similar?: string | undefined
  /** The final report, which is known before the terminal event is written and says more than that. */
  readonly report?: ThreadReport | undefined
}

const MAX_ANSWER = 40_000
const MAX_DIFF = 15_000
const SIGNS = {
  waiting: '➖',
  running: '⏳',
  ok: '✅',
  failed: '❌',
  skipped: '➖',
  interrupted: '➖',
  not_reached: '➖',
} as const satisfies Record<StepState['state'], string>

/** A marker hidden in a run's comment, by which the comment is found again. */
export function progressMarker(runId: string): SafeMarkdown {
  return ownWords(`<!-- backspace-run:${runId} -->`)
}

/** The progress comment of a run: what it is doing, or how it ended. Always below GitHub's 65,536 characters. */
export function progressText(state: RunState, context: ProgressTextContext): SafeMarkdown {
  const ended = context.report ?? state.ending
  const parts = ended ? endParts(ended, { state, context }) : runningParts(state, context)
  const { proof, runId } = context
  const shared = proof ? [earlierProofs(proof.earlier, context), PROOF_MARKER] : []
  return joinSafe([...parts, ...shared, progressMarker(runId)], '\n\n')
}

function runningParts(state: RunState, context: ProgressTextContext): readonly SafeMarkdown[] {
  return [
    safeMarkdown`### ${ownWords(headline(state))}`,
    state.paused === null ? NOTHING : pausedPart(state.paused, context),
    planList(state.plan, context),
    followUpList(state.followUps, context),
    joinSafe(
      state.steps.map((step) => stepLine(step, { tool: state.tools.at(-1)?.title ?? null, context })),
      '\n',
    ),
    notes(state.notices, context),
    facts([...commit(context), ...runningFacts(state, context.now), ...link(context)]),
  ]
}

function facts(parts: readonly string[]): SafeMarkdown {
  return parts.length === 0 ? NOTHING : safeMarkdown`<sub>${ownWords(parts.join(' · '))}</sub>`
}

function pausedPart(reason: string, context: ProgressTextContext): SafeMarkdown {
  return safeMarkdown`${outboundItem(reason, context)}. This run goes on when the pause is over.`
}

function headline({ startedAt, queued, paused, attempt, steps }: RunState): string {
  if (paused !== null) return '⏸️ Paused by the operator'
  if (startedAt === null) {
    const position = queued?.position ?? 1
    return `👀 ${position > 1 ? 'Waiting' : 'Starting soon'}: ${queueText(position)}`
  }
  const goesOn = attempt > 1 && steps.every(({ state }) => state !== 'running')
  return `⏳ ${goesOn ? sentenceOf({ type: 'run.started', attempt }) : 'Working on it'}`
}

function runningFacts({ startedAt, usage }: RunState, now: Date): readonly string[] {
  if (startedAt === null) return []
  const elapsed = durationText(Math.max(0, Math.round((now.getTime() - Date.parse(startedAt)) / 1000) * 1000))
  if (usage.turns === 0) return [elapsed]
  const cost = totalCost({ costUsd: costOf(usage), knownCostUsd: usage.knownCostUsd })
  return [elapsed, `${counted(usage.turns, 'turn')}, ${counted(usage.toolCalls, 'tool call')}`, cost]
}

function stepLine(
  { step, state, message, durationMs }: StepState,
  { tool, context }: { readonly tool: string | null; readonly context: ProgressTextContext },
): SafeMarkdown {
  const sign = ownWords(SIGNS[state])
  if (durationMs === null) {
    const shown = safeMarkdown`- ${sign} ${outboundItem(message, context)}`
    if (state === 'interrupted') return safeMarkdown`${shown} (interrupted)`
    return state === 'running' && tool !== null ? safeMarkdown`${shown}: ${codeSpan(tool)}` : shown
  }
  // Most messages name their duration themselves; it is added where it is missing and at least a second.
  const time = durationMs >= 1000 && !/\d m?s$/.test(message) ? ` (${durationText(durationMs)})` : ''
  return safeMarkdown`- ${sign} ${outboundItem(stepText(step, message), context)}${ownWords(time)}`
}

function endParts(
  ended: ThreadReport,
  { state, context }: { readonly state: RunState; readonly context: ProgressTextContext },
): readonly SafeMarkdown[] {
  const { text = '', report = NOTHING, notes: sentences = [] } = ended
  const steps = state.steps.filter(({ step }) => step !== 'report')
  return [
    safeMarkdown`### ${ending(ended, context)}`,
    followUpList(state.followUps, context),
    ended.totals.verdict && report === NOTHING ? verdictLine(ended.totals.verdict) : NOTHING,
    saysItself(ended) ? NOTHING : outboundMarkdown(ended.message, { ...context, maxChars: 3000 }),
    agentWords(text, { ...context, maxChars: MAX_ANSWER }),
    report,
    whatNext(ended, context),
    notes(sentences, context),
    keptDiffPart(ended, context),
    steps.length === 0
      ? NOTHING
      : details(
          'What was done',
          joinSafe(
            steps.map((step) => stepLine(step, { tool: null, context })),
            '\n',
          ),
        ),
    facts([...commit(context), ...pullRequestLink(ended), ...endFacts(ended.totals), ...link(context)]),
  ]
}

/** Whether heading and text already say everything that the message would say. */
function saysItself({ status, outcome, text = '', pullRequestUrl }: ThreadReport): boolean {
  return status === 'succeeded' && (text !== '' || outcome === 'proof' || Boolean(pullRequestUrl))
}

function ending(ended: ThreadReport, context: ProgressTextContext): SafeMarkdown {
  const { status, outcome, message, pullRequestUrl } = ended
  if (status === 'cancelled') return safeMarkdown`🛑 Stopped`
  if (status === 'failed') return safeMarkdown`😕 This did not work`
  if (pullRequestUrl) return safeMarkdown`🚀 ${outboundTitle(message, context)}`
  switch (outcome) {
    case 'question':
      return safeMarkdown`❓ A question first`
    case 'triage':
      return safeMarkdown`🔎 Triage`
    case 'plan':
      return safeMarkdown`📝 A plan`
    case 'proof':
      return context.proof?.sha === undefined
        ? safeMarkdown`🔬 Proof`
        : safeMarkdown`🔬 Proof of ${codeSpan(context.proof.sha.slice(0, 7))}`
    case 'answer':
      return safeMarkdown`💬 Answer`
    case 'pull_request':
    case null:
      return safeMarkdown`🚀 Done`
  }
}

/** What people can do next. A question mentions the person who is to answer it. */
function whatNext({ status, outcome }: ThreadReport, context: ProgressTextContext): SafeMarkdown {
  const inThread = ownWords(nextSteps({ id: context.runId, status, outcome }).inThread)
  const who = ownWords((context.mayMention ?? []).map((login) => `@${login}`).join(', '))
  return outcome === 'question' && who !== '' ? safeMarkdown`${who}: ${inThread}` : inThread
}

function followUpList(followUps: readonly FollowUpEvent[], context: ProgressTextContext): SafeMarkdown {
  const lines = followUps.map((followUp) => safeMarkdown`> 💬 ${outboundItem(sentenceOf(followUp), context)}`)
  return joinSafe(lines, '\n>\n')
}

function endFacts(totals: RunTotals): readonly string[] {
  const models = totals.models.filter((model) => model !== 'dummy')
  const answered = models.length === 0 ? [] : [counted(totals.turns, 'turn'), totalCost(totals)]
  const by = [agentsText(totals.agents ?? []), models.join(', then ') || 'no AI model']
  const used = [...by.filter(Boolean), ...answered]
  // A run that was stopped in the queue never started, so it has no duration.
  return totals.durationMs === 0 ? used : [durationText(totals.durationMs), ...used]
}

function notes(sentences: readonly string[], context: ProgressTextContext): SafeMarkdown {
  const lines = sentences.slice(0, 20).map((sentence) => safeMarkdown`- ⚠️ ${outboundItem(sentence, context)}`)
  return joinSafe(lines, '\n')
}

function details(summary: string, content: SafeMarkdown): SafeMarkdown {
  return safeMarkdown`<details><summary>${ownWords(summary)}</summary>\n\n${content}\n\n</details>`
}

function keptDiffPart(
  { keptDiff = '' }: ThreadReport,
  { runUrlOf, runId }: ProgressTextContext,
): SafeMarkdown {
  if (keptDiff === '') return NOTHING
  if (keptDiff.length <= MAX_DIFF) {
    return details('The diff that was not published', fenced(keptDiff, 'diff'))
  }
  const runUrl = runUrlOf(runId)
  return runUrl === undefined
    ? safeMarkdown`The diff was not published; it is on the page of the run.`
    : safeMarkdown`The diff that was not published: ${ownWords(`[${runUrl}/diff](${runUrl}/diff)`)}`
}

/** GitHub makes the number in the heading a link, but an e-mail does not. */
function pullRequestLink({ pullRequestUrl }: ThreadReport): readonly string[] {
  return pullRequestUrl ? [`[the pull request](${pullRequestUrl})`] : []
}

/** The commit that is proved. */
function commit({ proof }: ProgressTextContext): readonly string[] {
  return proof?.sha === undefined ? [] : [`commit ${proof.sha.slice(0, 7)}`]
}

/** The link to the run's page, after what similar runs took and cost. */
function link({ runUrlOf, runId, similar }: ProgressTextContext): readonly string[] {
  const runUrl = runUrlOf(runId)
  return [similar, runUrl && `[every step](${runUrl})`].filter((part) => part !== undefined)
}
