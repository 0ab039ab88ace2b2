import type { RunTotals } from '../../runs/run-event.ts'
import { costText, durationText } from '../../text/amounts.ts'

/** What a run used, for those who want to know: folded up at the end of a pull request. Empty without a model. */
export function usageDetails(totals: RunTotals): string {
  if (totals.turns === 0) return ''
  const rows = [
    [
      'Time',
      `models ${durationText(totals.modelMs)}, tools ${durationText(totals.toolMs)}, Backspace itself ${durationText(totals.harnessMs)}`,
    ],
    ['Tokens', tokens(totals)],
    ['Cost', totals.providers.map(({ provider, costUsd }) => `${provider} ${costText(costUsd)}`).join(', ')],
    ['Work', work(totals)],
    ['Trouble', trouble(totals)],
    ['Limits used', limits(totals)],
  ].filter(([, value]) => value !== '')
  const table = ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
  return `<details><summary>What this run used</summary>\n\n${table}\n\n</details>`
}

/** The cost of a run that may hold turns whose price nobody knows. */
export function totalCost({ costUsd, knownCostUsd }: Pick<RunTotals, 'costUsd' | 'knownCostUsd'>): string {
  if (costUsd !== null) return costText(costUsd)
  return knownCostUsd > 0 ? `at least ${costText(knownCostUsd)}` : costText(null)
}

function tokens({
  inputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  outputTokens,
  cacheShare,
}: RunTotals): string {
  const share = cacheShare === null ? '' : ` (${percent(cacheShare)} of what was sent)`
  return [
    `${grouped(inputTokens)} new`,
    `${grouped(cacheWriteTokens)} written to the cache`,
    `${grouped(cacheReadTokens)} read from it${share}`,
    `${grouped(outputTokens)} answered`,
  ].join(', ')
}

function work({ turns, toolCalls, editsOk, editsFailed }: RunTotals): string {
  const edits = editsFailed === 0 ? '' : ` and ${editsFailed} that did not apply`
  return `${counted(turns, 'turn')}, ${counted(toolCalls, 'tool call')}, ${counted(editsOk, 'edit')}${edits}`
}

function trouble({ retries, fallbacks, toolErrors, bounces, attempts }: RunTotals): string {
  const facts = [
    [retries, 'repeated request'],
    [fallbacks, 'model change'],
    [toolErrors, 'tool error'],
    [bounces, 'finish bounce'],
    [attempts - 1, 'takeover'],
  ] as const
  return facts.flatMap(([count, what]) => (count > 0 ? [counted(count, what)] : [])).join(', ')
}

function limits({ limitsUsed }: RunTotals): string {
  if (limitsUsed === null) return ''
  const { steps, minutes, usd, tokens } = limitsUsed
  return `steps ${percent(steps)}, minutes ${percent(minutes)}, dollars ${percent(usd)}, tokens ${percent(tokens)}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}
