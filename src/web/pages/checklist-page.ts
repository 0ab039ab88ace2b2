import { html } from 'hono/html'
import type { ChecklistLine } from '../../readiness/checklist.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { codeText, link } from './elements.ts'
import { type Html, layout } from './layout.ts'
import { journey } from './setup-journey.ts'

interface ChecklistData {
  readonly lines: readonly ChecklistLine[]
  /** What the paid tries cost, as a sentence before the button that starts them. */
  readonly priceOfLooks: string
}

/** What a service with an App needs, and whether it works. The page refreshes itself. */
export function checklistPage({ lines, priceOfLooks }: ChecklistData): Html {
  return layout({
    title: 'Setup',
    here: '/setup',
    styles: ['setup.css'],
    refreshSeconds: 10,
    content: html`<div class="setup"><h1>Setup</h1>${checklistPart({ lines, priceOfLooks, hasApp: true })}</div>`,
  })
}

/** The part of the page that refreshes itself; `/setup/checklist` answers with it alone. */
export function checklistPart({
  lines: all,
  priceOfLooks,
  hasApp,
}: ChecklistData & { readonly hasApp: boolean }): Html {
  // Before there is an App, the setup page is about the App itself, so its lines are left out here.
  const lines = hasApp ? all : all.filter(({ id }) => id !== 'app' && id !== 'pat' && id !== 'runs')
  const done = lines.every(({ finding }) => finding?.state === 'ok' || finding?.state === 'not_set')
  const isNew = lines.some(({ finding, isLooking }) => isLooking && !finding)
  const untried = lines.some(({ paid, finding, isLooking }) => paid && !finding && !isLooking)
  const looking = lines.some(({ paid, isLooking }) => paid && isLooking)
  return html`<div id="part-checklist" data-refresh="/setup/checklist" data-seconds="${isNew ? 1 : done ? 15 : 3}">
    ${hasApp ? html`${journey(stepOf(lines))}${nextStep(lines)}` : ''}
    <section class="card checklist" aria-labelledby="checklist">
      <div class="card-head"><h2 id="checklist">${hasApp ? 'Checklist' : 'Everything else'}</h2><p class="muted" role="status">${countText(lines)}</p></div>
      ${[...new Set(lines.map(({ group }) => group))].map((group) => groupPart(group, lines))}
      ${
        lines.some(({ paid }) => paid)
          ? html`<form method="post" action="/setup/looks" class="looks"><p class="hint">${priceOfLooks}</p>
        <button type="submit" id="try" class="second"${looking ? html` disabled` : ''}>${looking ? 'Trying …' : untried ? 'Try them now' : 'Try them again'}</button></form>`
          : ''
      }
    </section></div>`
}

function stepOf(lines: readonly ChecklistLine[]): 'create' | 'install' | 'run' | 'done' {
  const isOk = (id: string) => lines.find((line) => line.id === id)?.finding?.state === 'ok'
  if (!isOk('app')) return 'create'
  if (!isOk('installations')) return 'install'
  return isOk('runs') ? 'done' : 'run'
}

/** What to do now, with a button; '' if the App is installed or GitHub has not answered yet. */
function nextStep(lines: readonly ChecklistLine[]): Html | string {
  const installations = lines.find(({ id }) => id === 'installations')?.finding
  const { link: target, state } = installations ?? {}
  if (state !== 'waiting' || !target) return ''
  return html`<section class="card do" aria-labelledby="next"><h2 id="next">${target.text}</h2>
    <p>Choose the account and the repositories on GitHub. This page then updates by itself.</p>
    <p><a class="button" id="install" href="${target.url}" rel="noopener">${target.text}</a></p></section>`
}

function countText(lines: readonly ChecklistLine[]): string {
  const count = (state: string) => lines.filter(({ finding }) => finding?.state === state).length
  const parts = [
    [count('broken'), 'broken'],
    [count('waiting'), 'waiting'],
    [count('ok'), 'fine'],
  ] as const
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ')
}

function groupPart(group: string, lines: readonly ChecklistLine[]): Html {
  const own = lines.filter((line) => line.group === group)
  const id = `group-${group.toLowerCase().replaceAll(' ', '-')}`
  return html`<h3 id="${id}">${group}</h3><ul class="parts" aria-labelledby="${id}">${own.map(linePart)}</ul>`
}

const SIGNS = { ok: '✓', waiting: '○', broken: '✗', not_set: '–' } as const
const WORDS = { ok: 'Fine', waiting: 'Waiting', broken: 'Broken', not_set: 'Not set' } as const

function linePart({ name, finding, isLooking, paid }: ChecklistLine): Html {
  if (!finding)
    return html`<li class="${isLooking ? 'looking' : 'untried'}"><span class="sign" aria-hidden="true">${isLooking ? '●' : '·'}</span>
      <b>${name}</b><span class="fact muted">${isLooking ? 'trying it now …' : paid ? 'not tried yet' : 'not known yet'}</span></li>`
  const { state, fact, costs, next, attempt, link: target } = finding
  const busy = isLooking && paid
  return html`<li class="${state}"><span class="sign" aria-hidden="true">${busy ? '●' : SIGNS[state]}</span><span class="sr">${WORDS[state]}: </span>
    <b>${forPage(name)}</b><span class="fact">${codeText(fact)}</span>
    ${costs === undefined ? '' : html`<span class="costs">${codeText(costs)}</span>`}
    ${next === undefined ? '' : html`<span class="todo">${codeText(next)}</span>`}
    ${target === undefined ? '' : html`<span class="todo">${link(target.url, target.text)}</span>`}${attempt === undefined ? '' : againForm(attempt)}</li>`
}

function againForm(attempt: number): Html {
  return html`<form method="post" action="/setup/redeliver" class="again"><input type="hidden" name="attempt" value="${attempt}">
    <button type="submit" class="second" id="redeliver">Let GitHub deliver it again</button></form>`
}
