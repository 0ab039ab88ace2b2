import { html } from 'hono/html'
import { costText, counted, durationText } from '../../text/amounts.ts'
import type { StatsBody } from '../stats-body.ts'
import type { Html } from './layout.ts'

interface Tile {
  readonly name: string
  /** `–` when there is nothing to count. */
  readonly value: string
  /** What the value covers, and how many runs or pull requests. */
  readonly note: string
}

export function tiles(shown: readonly Tile[]): Html {
  return html`<dl class="tiles">${shown.map(({ name, value, note }) => html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd></div>`)}</dl>`
}

/** The runs of this moment. */
export function liveTile({ live }: StatsBody): Tile {
  const { running, queued, longestWaitMs, slots } = live
  const wait = longestWaitMs === null ? '' : `; the first has waited ${shortDuration(longestWaitMs)}`
  return {
    name: 'Now',
    value: `${running} running`,
    note: `${slotsText(slots)}${queued} queued${wait}`,
  }
}

function slotsText(slots: number | null): string {
  if (slots === null) return ''
  return slots === 0 ? 'no worker is up · ' : `${counted(slots, 'slot')} · `
}

export function successTile({ runs }: StatsBody): Tile {
  const { succeeded, failed, cancelled, successRate } = runs
  const stopped = cancelled === 0 ? '' : `; ${cancelled} stopped`
  return {
    name: 'Success rate',
    value: successRate === null ? '–' : percent(successRate),
    note:
      successRate === null
        ? `no run ended${stopped}`
        : `${succeeded} of ${counted(succeeded + failed, 'run')}${stopped}`,
  }
}

export function timeTile({ timeToPullRequest }: StatsBody): Tile {
  const { runs, medianMs, p90Ms } = timeToPullRequest
  return {
    name: 'Time to pull request',
    value: medianMs === null ? '–' : shortDuration(medianMs),
    note:
      p90Ms === null
        ? 'no pull request yet'
        : `median of ${runs}; nine in ten within ${shortDuration(p90Ms)}`,
  }
}

export function dollarsTile({ dollars, perDay }: StatsBody): Tile {
  const { total, runsOfUnknownCost } = dollars
  return {
    name: 'Dollars',
    value: atLeast(total, runsOfUnknownCost),
    note:
      runsOfUnknownCost === 0
        ? `today ${costText(perDay.at(-1)?.usd ?? 0)}`
        : `${counted(runsOfUnknownCost, 'run')} of unknown cost`,
  }
}

export function perMergeTile({ dollars, pullRequests }: StatsBody): Tile {
  const { perMergedPullRequest, runsOfUnknownCost } = dollars
  const merged = pullRequests.mergedUntouched + pullRequests.mergedAfterRework
  return {
    name: 'Per merged pull request',
    value: perMergedPullRequest === null ? '–' : atLeast(perMergedPullRequest, runsOfUnknownCost),
    note: `${merged} merged of ${pullRequests.opened} opened`,
  }
}

function atLeast(usd: number, unknown: number): string {
  return unknown > 0 ? `≥ ${costText(usd)}` : costText(usd)
}

export function percent(share: number): string {
  // Any failure keeps the rate below 100 %.
  const rounded = Math.round(share * 100)
  return `${share < 1 ? Math.min(99, rounded) : rounded} %`
}

/** `14 min` rather than `14 min 3 s`: figures of many runs are not that exact. */
function shortDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (ms < 59_500) return `${Math.max(1, Math.round(ms / 1000))} s`
  return minutes < 60 ? `${minutes} min` : durationText(minutes * 60_000)
}
