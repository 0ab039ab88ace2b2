import type { Run, RunInFull, Statistics } from '../../../client/create-client.ts'
import { costText, counted } from '../../../text/amounts.ts'
import { cutLine } from './columns.ts'
import type { Look } from './look.ts'
import { oneLine } from './paint.ts'
import { elapsedText } from './waits.ts'

/** The data that the monitor shows, as the service returned it. */
export interface Monitored {
  readonly url: string
  /** When the data was read. */
  readonly at: Date
  /** The statistics of today (UTC). */
  readonly stats: Statistics
  readonly running: readonly Run[]
  /** Queued runs, the first in line first. */
  readonly queued: readonly RunInFull[]
}

/** The state of a service in lines that fit the terminal. */
export function monitorLines({ url, at, stats, running, queued }: Monitored, look: Look): readonly string[] {
  const { paint } = look
  const now = at.getTime()
  const head = cut(`Backspace at ${oneLine(url)}`, { ...look, width: look.width - 10 })
  const lines = [
    `${paint('bold', head)}  ${paint('dim', at.toLocaleTimeString('en-GB'))}`,
    '',
    row('Now', liveText(stats), look),
    row('Today', todayText(stats), look),
    row('Dollars', dollarsText(stats), look),
    row('Providers', providersText(stats), look),
  ]
  const more = (shown: number, all: number) =>
    all > shown ? [paint('dim', cut(`  and ${all - shown} more`, look))] : []
  if (running.length > 0) {
    lines.push('', paint('bold', 'Running'))
    lines.push(
      ...running.map((run) => cut(`  ${since(run.startedAt ?? run.createdAt, now)}  ${runText(run)}`, look)),
    )
    lines.push(...more(running.length, stats.live.running))
  }
  if (queued.length > 0) {
    lines.push('', paint('bold', 'Queued'))
    for (const run of queued) {
      lines.push(cut(`  ${since(run.createdAt, now)}  ${runText(run)}`, look))
      if (run.waiting) {
        const { position, message } = run.waiting
        lines.push(paint('yellow', cut(`              place ${position}: ${oneLine(message)}`, look)))
      }
    }
    lines.push(...more(queued.length, stats.live.queued))
  }
  return lines
}

function row(name: string, text: string, look: Look): string {
  return `${look.paint('dim', name.padEnd(11))}${cut(text, { ...look, width: look.width - 11 })}`
}

function cut(text: string, { width }: Look): string {
  return Number.isFinite(width) ? cutLine(text, Math.max(20, width - 1)) : text
}

function liveText({ live }: Statistics): string {
  const { running, queued, longestWaitMs, slots, sandboxes, cleanSandboxes } = live
  const of = slots === null ? '' : slots === 0 ? ' (no worker is up)' : ` of ${counted(slots, 'slot')}`
  const wait = longestWaitMs === null ? '' : `, the first for ${elapsedText(longestWaitMs)}`
  const boxes = sandboxes + cleanSandboxes
  return `${running} running${of} · ${queued} queued${wait} · ${boxes === 1 ? '1 sandbox' : `${boxes} sandboxes`}`
}

function todayText({ runs, timeToPullRequest: time }: Statistics): string {
  const { ended, succeeded, failed, cancelled, successRate } = runs
  if (ended === 0) return 'no run has ended (UTC day)'
  const rate =
    successRate === null
      ? ''
      : `${Math.floor(successRate * 100)} % succeeded (${succeeded} of ${succeeded + failed})`
  const stopped = cancelled === 0 ? undefined : `${cancelled} stopped`
  const median =
    time.medianMs === null
      ? undefined
      : `pull request in ${elapsedText(time.medianMs)} (median of ${time.runs})`
  return [rate, stopped, median].filter((part) => part !== undefined && part !== '').join(' · ')
}

function dollarsText({ dollars }: Statistics): string {
  const { total, runsOfUnknownCost: unknown } = dollars
  return unknown === 0
    ? `${costText(total)} today`
    : `at least ${costText(total)} today; ${counted(unknown, 'run')} of unknown cost`
}

function providersText({ providers, providersNow: now }: Statistics): string {
  const left = (now ?? []).map(
    ({ provider, why }) => `${oneLine(provider)} is not used now: it ${oneLine(why)}`,
  )
  return [...left, askedText(providers)].join(' · ')
}

function askedText(providers: Statistics['providers']): string {
  if (providers.length === 0) return 'none was asked by runs that ended in 24 hours'
  return providers
    .map(({ provider, turns, retries, fallbacks }) => {
      const trouble = [
        retries === 0 ? '' : `${retries} repeated`,
        fallbacks === 0 ? '' : `replaced ${fallbacks === 1 ? 'once' : `${fallbacks} times`}`,
      ].filter((part) => part !== '')
      return `${oneLine(provider)} ${counted(turns, 'turn')}${trouble.length === 0 ? '' : ` (${trouble.join(', ')})`}`
    })
    .join(' · ')
}

function since(iso: string, now: number): string {
  return elapsedText(now - Date.parse(iso)).padStart(11)
}

function runText({ repository, thread, prompt, requester }: Run): string {
  const place = `${oneLine(repository)}${thread ? ` #${thread.number}` : ''}`
  return `${place}  ${oneLine(prompt.trim().split('\n', 1)[0] ?? '')}  (${oneLine(requester)})`
}
