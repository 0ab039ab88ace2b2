import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** One part of each bar: how it looks and what it is called. */
export interface Series {
  readonly style: 'good' | 'bad' | 'quiet' | 'accent' | 'warn' | 'unknown'
  readonly name: string
}

export interface DayBar {
  /** `2026-11-29` */
  readonly day: string
  /** In the order of the series. */
  readonly values: readonly number[]
}

interface BarChart {
  readonly id: string
  readonly title: string
  readonly series: readonly Series[]
  readonly bars: readonly DayBar[]
  readonly format: (value: number) => string
}

/** With fewer days that have something to show, the chart is only a table. */
const LEAST_DAYS = 5
const HEIGHT = 100
const SLOT = 10

/**
 * Draws a bar for each day, and a table with the same figures. The drawing has no text, so that it can be stretched to the
 * width of the page.
 */
export function barChart({ id, title, series, bars, format }: BarChart): Html {
  const busy = bars.filter(({ values }) => values.some((value) => value > 0))
  const table = dayTable({ title, series, bars: busy, format })
  if (busy.length === 0) {
    return html`<figure class="chart" id="${id}"><figcaption>${title}</figcaption><p class="muted">Nothing in these ${bars.length} days.</p></figure>`
  }
  if (busy.length < LEAST_DAYS) {
    return html`<figure class="chart" id="${id}"><figcaption>${title}</figcaption>
      <p class="muted">Only ${busy.length === 1 ? 'one day has' : `${busy.length} days have`} something to show, too few for a chart:</p>${table}</figure>`
  }
  const top = niceTop(Math.max(...busy.map(({ values }) => total(values))))
  const [first, last] = [bars[0]?.day ?? '', bars.at(-1)?.day ?? '']
  return html`<figure class="chart" id="${id}">
    <figcaption>${title}${series.length > 1 ? legend(series) : ''}</figcaption>
    <div class="plot"><span class="top" aria-hidden="true">${format(top)}</span>
      <svg viewBox="0 0 ${bars.length * SLOT} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <line class="rule" x1="0" y1="0.5" x2="${bars.length * SLOT}" y2="0.5"/><line class="rule" x1="0" y1="${HEIGHT / 2}" x2="${bars.length * SLOT}" y2="${HEIGHT / 2}"/>
        ${bars.map((bar, index) => column(bar, { index, top, series, format }))}
      </svg></div>
    <p class="axis muted" aria-hidden="true"><span>${dayName(first)}</span><span>${dayName(last)}</span></p>
    <details id="${id}-table"><summary>Show as a table</summary>${table}</details>
  </figure>`
}

function column(
  { day, values }: DayBar,
  {
    index,
    top,
    series,
    format,
  }: { readonly index: number; readonly top: number } & Pick<BarChart, 'series' | 'format'>,
): Html {
  let y = HEIGHT
  const parts = values.map((value, at) => {
    const height = (value / top) * HEIGHT
    y -= height
    return height === 0
      ? ''
      : html`<rect class="${series[at]?.style ?? ''}" x="${index * SLOT + 1.5}" y="${round(y)}" width="${SLOT - 3}" height="${round(height)}"/>`
  })
  const said = series.map(({ name }, at) => `${format(values[at] ?? 0)} ${name}`).join(', ')
  return html`<g><title>${dayName(day)}: ${said}</title>${parts}</g>`
}

function dayTable({ title, series, bars, format }: Omit<BarChart, 'id'>): Html {
  return html`<div class="scroll" role="region" aria-label="${title}, as a table" tabindex="0"><table class="figures"><caption class="sr">${title}; days that are not listed have nothing</caption>
    <thead><tr><th scope="col">Day (UTC)</th>${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
    <tbody>${bars.toReversed().map(({ day, values }) => html`<tr><th scope="row">${dayName(day)}</th>${values.map((value) => html`<td class="number">${format(value)}</td>`)}</tr>`)}</tbody>
  </table></div>`
}

/** Draws shares of a whole as one bar. The page shows their names and numbers beside it. */
export function shareBar(
  shares: readonly { readonly style: Series['style']; readonly value: number }[],
): Html {
  const all = total(shares.map(({ value }) => value))
  let x = 0
  const parts = shares.map(({ style, value }) => {
    const from = x
    x += all === 0 ? 0 : (value / all) * 1000
    return value === 0
      ? ''
      : html`<rect class="${style}" x="${round(from)}" y="0" width="${round(Math.max(2, x - from - 2))}" height="10"/>`
  })
  return html`<svg class="share" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${parts}</svg>`
}

function legend(series: readonly Series[]): Html {
  return html`<span class="legend">${series.map(({ style, name }) => html`<span><i class="${style}" aria-hidden="true"></i>${name}</span>`)}</span>`
}

/** The smallest of 1, 2, 5, 10, 20 … that is not below `value`. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power
}

/** `29 Nov` */
export function dayName(day: string): string {
  return new Date(`${day.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
