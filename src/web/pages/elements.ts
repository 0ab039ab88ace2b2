import { html } from 'hono/html'
import type { StepState } from '../../runs/summary/run-state.ts'
import { durationText } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { codeSpanParts } from '../../text/markdown/code-spans.ts'
import type { RunView } from '../run-view.ts'
import type { Html } from './layout.ts'

/** A link to another site; plain text unless the address is http or https. */
export function link(url: string, text: string, style = 'plain'): Html {
  // `URL.canParse` accepts some addresses that `new URL` refuses.
  const safe = /^https?:$/.test(URL.parse(url)?.protocol ?? '')
  return safe
    ? html`<a class="${style}" href="${url}" rel="noopener noreferrer">${forPage(text)}</a>`
    : html`<span>${forPage(text)}</span>`
}

/** One line of text, with code between backticks. */
export function codeText(text: string): Html {
  return html`${codeSpanParts(text).map((part) => (part.isCode ? html`<code>${forPage(part.text)}</code>` : forPage(part.text)))}`
}

/** One line of text, with code between backticks and web addresses as links. */
export function inlineText(text: string): Html {
  return html`${codeSpanParts(text).map((part) => (part.isCode ? html`<code>${forPage(part.text)}</code>` : linkedText(part.text)))}`
}

function linkedText(text: string): Html {
  const parts = text.split(/(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,:;!?)\]])/)
  return html`${parts.map((part, at) => (at % 2 === 1 ? link(part, part) : forPage(part)))}`
}

/** A point in time, in UTC; the page's script shows it in the reader's own zone. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}" data-moment>${iso.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** The time since `iso`; the page's script keeps it up to date. */
export function elapsedSince(iso: string, now: number = Date.now()): Html {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000))
  const text = seconds < 60 ? `${seconds} s` : durationText(seconds * 1000)
  return html`<time datetime="${iso}" data-since>${text}</time>`
}

/** From the first start of a run to its end; a run that never started has none. */
export function runDuration({ startedAt, finishedAt, durationMs, status }: RunView): Html | string {
  if (startedAt === null) return status === 'queued' ? 'waiting' : '–'
  return finishedAt === null || durationMs === null ? elapsedSince(startedAt) : durationText(durationMs)
}

/** The status in a word or two, shown by text, shape and colour. */
export function statusPill(run: Pick<RunView, 'status' | 'outcome' | 'draft' | 'verdict'>): Html {
  return html`<span class="pill ${pillStyle(run)}">${outcomeName(run)}</span>`
}

/** A proof has the style of its verdict. */
function pillStyle({ status, outcome, draft, verdict }: Parameters<typeof statusPill>[0]): string {
  if (outcome === 'proof') return PROOF_STYLES[verdict?.tone ?? 'neutral']
  const waits = outcome === 'plan' || outcome === 'question'
  return `${status}${draft ? ' draft' : waits ? ' waits' : ''}`
}

const PROOF_STYLES = { good: 'succeeded', neutral: 'succeeded draft', bad: 'failed' } as const

function outcomeName({ status, outcome, draft }: Pick<RunView, 'status' | 'outcome' | 'draft'>): string {
  if (status !== 'succeeded' || outcome === null) return status
  return draft ? 'draft pull request' : outcome.replace('_', ' ')
}

const SIGNS = {
  waiting: '○',
  running: '●',
  ok: '✓',
  failed: '✗',
  skipped: '–',
  interrupted: '–',
  not_reached: '–',
  noted: '·',
} as const satisfies Record<StepState['state'] | 'noted', string>

/** The state of a step as one character. */
export function stepSign(state: keyof typeof SIGNS): Html {
  return html`<span class="sign" aria-hidden="true">${SIGNS[state]}</span>`
}

/** A verdict in its colour, with a sign for readers who do not see colours. */
export function verdictText({ tone, line }: NonNullable<RunView['verdict']>): Html {
  return html`<span class="verdict ${tone}"><span class="sign" aria-hidden="true">${VERDICT_SIGNS[tone]}</span><span class="sr">${tone === 'bad' ? 'Worse: ' : tone === 'neutral' ? 'Unsure: ' : ''}</span>${inlineText(line)}</span>`
}

const VERDICT_SIGNS = { good: '✓', neutral: '!', bad: '✗' } as const

/** A duration as text; empty below 10 ms, which is too short to matter. */
export function shortTime(ms: number): string {
  return ms < 10 ? '' : durationText(ms)
}
