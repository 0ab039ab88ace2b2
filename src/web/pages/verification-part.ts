import { html } from 'hono/html'
import type { RunState } from '../../runs/summary/run-state.ts'
import { verdictOf } from '../../runs/summary/verdict.ts'
import { whyNoCoverage } from '../../runs/summary/verdict-remarks.ts'
import {
  DEPENDS_ON_EDITS,
  type NameList,
  type Necessity,
  type NeededHunk,
  type Regression,
  type RoomFacts,
  type VerifiedCheck,
} from '../../runs/verification.ts'
import { durationText } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { inlineText, verdictText } from './elements.ts'
import type { Html } from './layout.ts'

/** The verification of a change: the verdict, the results that it comes from, and what is not proved. */
export function verificationPart({ checks: { verification: event } }: RunState): Html {
  if (event === null) return html`<section id="part-verification" data-version="0"></section>`
  const { checks, regression, necessity, rooms } = event.verification
  const { tone, line, draft, remarks } = verdictOf(event.verification)
  const rows = [...checks.map(checkRow), regressionRow(regression), necessityRow(necessity)]
  return html`<section id="part-verification" data-version="${event.seq}" class="card verification" aria-labelledby="verification-title">
    <div class="card-head"><h2 id="verification-title">Verification</h2><p class="muted">${roomsText(rooms)}</p></div>
    <p class="line">${verdictText({ tone, line })}</p>
    ${rows.every((row) => row === '') ? '' : html`<ul class="checks">${rows}</ul>`}
    ${sentences(draft, 'reasons')}${sentences([...remarks, ...whyNoCoverage(event.verification)], 'remarks')}
  </section>`
}

const VERDICTS = {
  passes: ['passed', 'passes'],
  fixed: ['passed', 'fixed'],
  newly_failing: ['failed', 'newly fails'],
  still_failing: ['failed', 'fails as before'],
  cannot_tell: ['unproven', 'cannot tell'],
  flaky: ['unproven', 'flaky'],
  no_proof: ['unproven', 'proves nothing'],
} as const satisfies Record<VerifiedCheck['verdict'], readonly [string, string]>

const STEERED = ['unproven', DEPENDS_ON_EDITS] as const

function checkRow({ command, verdict, tests, steered }: VerifiedCheck): Html {
  const [style, word] = steered ? STEERED : VERDICTS[verdict]
  const counts = tests ? ` ${countsText(tests.before)} → ${countsText(tests.after)}` : ''
  return html`<li><code>${forPage(command)}</code> <span class="${style}">${word}</span><span class="muted">${counts}</span>
    ${tests ? html`${nameLine('Newly failing', tests.newlyFailing)}${nameLine(steered ? 'Passing now' : 'Fixed', tests.newlyPassing)}${nameLine('New', tests.added)}` : ''}</li>`
}

function countsText({ passed, failed, skipped }: NonNullable<VerifiedCheck['tests']>['after']): string {
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  return parts.join(', ')
}

const MOST_NAMES = 8

function nameLine(title: string, { count, names }: NameList): Html | '' {
  return count === 0 ? '' : html`<p class="names">${title}: ${nameCodes({ count, names })}</p>`
}

function nameCodes({ count, names }: NameList): Html {
  const shown = names.slice(0, MOST_NAMES)
  const more = count - shown.length
  return html`${shown.map((name, index) => html`${index > 0 ? ', ' : ''}<code>${forPage(name)}</code>`)}${more > 0 ? ` and ${more} more` : ''}`
}

function regressionRow(regression: Regression | undefined): Html | '' {
  if (regression === undefined || regression.held.count === 0) return ''
  const { count } = regression.held
  return html`<li>Without the source of the change <span class="passed">${count} of its tests ${count === 1 ? 'fails' : 'fail'}</span>
    ${nameLine('Fail', regression.held)}</li>`
}

function necessityRow(necessity: Necessity | undefined): Html | '' {
  if (necessity === undefined || necessity.tried === 0) return ''
  const { held, tried, loose, needed = [] } = necessity
  const style = held === tried ? 'passed' : 'unproven'
  return html`<li>Each hunk taken out alone <span class="${style}">${held} of ${tried} ${held === 1 ? 'makes' : 'make'} a test fail</span>
    ${needed.map((hunk) => html`<p class="names">Needed: ${hunkName(hunk)}${neededBy(hunk)}</p>`)}
    ${loose.map(
      (hunk, index) => html`<details id="loose-${index}"><summary>No test needs ${hunkName(hunk)}</summary>
      <pre class="block log" tabindex="0"><code>${forPage(hunk.diff)}</code></pre></details>`,
    )}</li>`
}

function hunkName({ path, from, to }: Pick<NeededHunk, 'path' | 'from' | 'to'>): Html {
  const lines = to === 0 ? '' : from === to ? `, line ${from}` : `, lines ${from}–${to}`
  return html`<code>${forPage(path)}</code>${lines}`
}

/** The tests that fail without the hunk. A check whose report names no tests only says that it fails. */
function neededBy({ tests }: NeededHunk): Html {
  if (tests === undefined || tests.count === 0) return html`: the check breaks without it`
  return html`: ${nameCodes(tests)} ${tests.count === 1 ? 'fails' : 'fail'} without it`
}

function sentences(texts: readonly string[], style: 'reasons' | 'remarks'): Html | '' {
  return texts.length === 0
    ? ''
    : html`<ul class="${style}">${texts.map((text) => html`<li>${inlineText(text)}</li>`)}</ul>`
}

function roomsText(rooms: readonly RoomFacts[]): string {
  return rooms
    .map(({ name, durationMs, setupMs, cached }) => {
      const setup = setupMs < 10 ? '' : `, setup ${cached ? 'from the cache ' : ''}${durationText(setupMs)}`
      return `${ROOM_NAMES[name]} ${durationText(durationMs)}${setup}`
    })
    .join(' · ')
}

const ROOM_NAMES = { base: 'before', head: 'checks', regression: 'tests without the source' } as const
