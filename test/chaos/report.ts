import type { RunFacts } from './run-facts.ts'
import { median, type Tally, total } from './tally.ts'

const HEAD = ['round', 'runs', 'ended as', 'faults', 'take-over', 'violations', 'seconds'] as const
const WIDTHS = [5, 4, 38, 6, 9, 10, 7] as const

/** The head of the table that `roundLine` fills. */
export function roundHead(): string {
  return `${line(HEAD)}\n${line(WIDTHS.map((width) => '-'.repeat(width)))}`
}

export function roundLine(round: {
  readonly number: number
  readonly runs: readonly RunFacts[]
  readonly tally: Tally
  readonly seconds: number
}): string {
  const { runs, tally } = round
  const ends = Map.groupBy(runs, endOf)
  const ended = [...ends].map(([end, same]) => `${same.length} ${end}`).join(', ')
  const takeover = median(tally.measures.takeover)
  return line([
    String(round.number),
    String(runs.length),
    ended,
    String(total(tally.counts.faults)),
    takeover === undefined ? '-' : seconds(takeover),
    String(tally.violations.length),
    round.seconds.toFixed(0),
  ])
}

/** `pull request`, `failed (timeout)`, … */
export function endOf({ status, ending }: RunFacts): string {
  if (status === 'succeeded') return (ending?.outcome ?? 'succeeded').replace('_', ' ')
  return ending?.code ? `${status} (${ending.code})` : status
}

/** What was done to the service, and what came of it. */
export function summary(tally: Tally): string {
  const { takeover, cancel } = tally.measures
  return [
    section('Faults', tally.counts.faults),
    section('Ends', tally.counts.ends),
    `Take-over after a process died or slept: ${spread(takeover)}`,
    `Cancel until the run had ended: ${spread(cancel)}`,
    violations(tally),
  ].join('\n\n')
}

function section(title: string, counts: ReadonlyMap<string, number>): string {
  const rows = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${String(count).padStart(5)}  ${name}`)
  return [`${title}: ${total(counts)}`, ...rows].join('\n')
}

function spread(values: readonly number[]): string {
  const middle = median(values)
  if (middle === undefined) return 'not measured'
  return `median ${seconds(middle)}, at most ${seconds(Math.max(...values))}, of ${values.length}`
}

function violations({ violations: found }: Tally): string {
  if (found.length === 0) return 'No violations.'
  const kinds = [...Map.groupBy(found, ({ kind }) => kind)].map(([kind, same]) => `${same.length} × ${kind}`)
  const rows = found.map(({ kind, runId, message }) => `  ${kind}: ${runId ? `run ${runId} ` : ''}${message}`)
  return [`VIOLATIONS: ${found.length} (${kinds.join(', ')})`, ...rows].join('\n')
}

function line(cells: readonly string[]): string {
  return `  ${cells.map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0)).join('  ')}`.trimEnd()
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
