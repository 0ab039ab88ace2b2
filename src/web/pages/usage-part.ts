import { html } from 'hono/html'
import type { RunState } from '../../runs/summary/run-state.ts'
import { costOf, totalCost } from '../../runs/summary/run-usage.ts'
import type { CurvePoint, UsageCurve } from '../../runs/summary/usage-curve.ts'
import { costText, durationText } from '../../text/amounts.ts'
import { inlineText } from './elements.ts'
import type { Html } from './layout.ts'

interface UsageView {
  /** Address of the run's page. */
  readonly page: string
}

/** Tokens, dollars and limits of a run, and which models it used. */
export function usagePart(
  { usage, ending, startedAt }: RunState,
  curve: UsageCurve,
  { page }: UsageView,
): Html {
  if (usage.turns === 0) return html`<section id="part-usage"></section>`
  const { knownCostUsd } = ending?.totals ?? usage
  const costUsd = ending === null ? costOf(usage) : ending.totals.costUsd
  const limits = ending?.totals.limitsUsed ?? usage.limitsUsed
  return html`<section id="part-usage" class="card usage" aria-labelledby="usage-title">
    <div class="card-head"><h2 id="usage-title">Tokens and dollars</h2>
      <p class="muted">${curve.tokens.toLocaleString('en-US')} tokens · ${totalCost({ costUsd, knownCostUsd })}</p></div>
    ${chart(curve, startedAt)}
    ${limits === null ? '' : limitBars(limits)}
    ${usage.providers.length === 0 ? '' : html`<ul class="providers">${usage.providers.map((own) => html`<li><b>${own.provider}</b> <span class="muted">${own.turns} ${own.turns === 1 ? 'turn' : 'turns'} · ${totalCost({ costUsd: costOf(own), knownCostUsd: own.knownCostUsd })}</span></li>`)}</ul>`}
    ${curve.switches.length === 0 ? '' : html`<ul class="switches">${curve.switches.map(({ seq, text }) => html`<li>${inlineText(text)} <a href="${page}?at=${seq}#${seq}">#${seq}</a></li>`)}</ul>`}
  </section>`
}

const LIMITS = [
  ['steps', 'Turns'],
  ['minutes', 'Time'],
  ['usd', 'Dollars'],
  ['tokens', 'Tokens'],
] as const

function limitBars(limits: NonNullable<RunState['usage']['limitsUsed']>): Html {
  return html`<dl class="limits">${LIMITS.map(([key, name]) => {
    const percent = Math.round(limits[key] * 100)
    return html`<div><dt>${name}</dt><dd><meter min="0" max="100" high="80" value="${Math.min(100, percent)}" aria-label="${name}: ${percent} % of the limit">${percent} %</meter> ${percent} %</dd></div>`
  })}</dl>`
}

const [WIDTH, HEIGHT] = [640, 120]

/** Tokens and dollars as two lines, each on its own scale, with the figures in a table below. */
function chart({ points, switches }: UsageCurve, startedAt: string | null): Html {
  const last = points.at(-1)
  const start = Date.parse(startedAt ?? points[0]?.at ?? '')
  if (last === undefined || points.length < 2) return html``
  const span = Math.max(1, Date.parse(last.at) - start)
  const x = (at: string) => Math.round(((Date.parse(at) - start) / span) * WIDTH * 10) / 10
  const line = (value: (point: CurvePoint) => number) => {
    const most = value(last)
    const y = (point: CurvePoint) =>
      most === 0 ? HEIGHT : Math.round((HEIGHT - (value(point) / most) * (HEIGHT - 8)) * 10) / 10
    return `M0 ${HEIGHT} ${points.map((point) => `L${x(point.at)} ${y(point)}`).join(' ')}`
  }
  const tokens = line((point) => point.tokens)
  const label = `${last.tokens.toLocaleString('en-US')} tokens and ${costText(last.usd)} in ${durationText(span)}`
  return html`<figure class="curve">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
      <path class="area" d="${tokens} L${WIDTH} ${HEIGHT} Z"></path><path class="tokens" d="${tokens}"></path>
      ${last.usd > 0 ? html`<path class="usd" d="${line((point) => point.usd)}"></path>` : ''}
      ${switches.map(({ at }) => html`<path class="switch" d="M${x(at)} 0 V${HEIGHT}"></path>`)}
    </svg>
    <figcaption><span class="key tokens">Tokens</span>${last.usd > 0 ? html`<span class="key usd">Dollars</span>` : ''}<span class="muted">${durationText(span)}</span></figcaption>
    <details id="usage-table"><summary>Table</summary><table><thead><tr><th scope="col">Turn</th><th scope="col">After</th><th scope="col">Tokens</th><th scope="col">Dollars</th></tr></thead>
      <tbody>${someOf(points).map(({ at, turns, tokens: used, usd }) => html`<tr><td>${turns}</td><td>${durationText(Math.max(0, Date.parse(at) - start))}</td><td>${used.toLocaleString('en-US')}</td><td>${costText(usd)}</td></tr>`)}</tbody></table></details>
  </figure>`
}

const MOST_ROWS = 10

/** At most `MOST_ROWS` evenly spread points, the last one included. */
function someOf(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const every = Math.max(1, Math.ceil(points.length / MOST_ROWS))
  return points.filter((_, index) => (points.length - 1 - index) % every === 0)
}
