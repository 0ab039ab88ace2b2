import type { RunTotals } from '../../runs/run-event.ts'
import { costText, counted, durationText } from '../../text/amounts.ts'
import { NOTHING, ownWords, type SafeMarkdown } from '../../text/markdown/safe-markdown.ts'

/** The usage of a run, folded up at the end of a pull request; empty if no model took part. */
export function usageDetails(totals: RunTotals): SafeMarkdown {
  if (totals.turns === 0) return NOTHING
  const rows = [
    [
      'Time',
      `models ${durationText(totals.modelMs)}, tools ${durationText(totals.toolMs)}, Backspace itself ${durationText(totals.harnessMs)}`,
    ],
    ['Tokens', tokens(totals)],
    ['Cost', totals.providers.map(({ provider, costUsd }) => `${provider} ${costText(costUsd)}`).join(', ')],
    ['Work', work(totals)],
    ['Retries and errors', trouble(totals)],
    ['Limits used', limits(totals)],
  ].filter(([, value]) => value !== '')
  const table = ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
  return ownWords(`<details><summary>What this run used</summary>\n\n${table}\n\n</details>`)
}

function tokens({
  inputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  outputTokens,
  cacheShare,
}: RunTotals): string {
  const share = cacheShare === null ? '' : ` (${percent(cacheShare)} of the input)`
  return [
    `${grouped(inputTokens)} input`,
    `${grouped(cacheWriteTokens)} written to the cache`,
    `${grouped(cacheReadTokens)} read from it${share}`,
    `${grouped(outputTokens)} output`,
  ].join(', ')
}

function work({ turns, toolCalls, editsOk, editsFailed }: RunTotals): string {
  const edits = editsFailed === 0 ? '' : ` and ${editsFailed} that failed`
  return `${counted(turns, 'turn')}, ${counted(toolCalls, 'tool call')}, ${counted(editsOk, 'edit')}${edits}`
}

function trouble({ retries, fallbacks, toolErrors, bounces, attempts }: RunTotals): string {
  const facts = [
    [retries, 'repeated model request', 'repeated model requests'],
    [fallbacks, 'change of model', 'changes of model'],
    [toolErrors, 'failed tool call', 'failed tool calls'],
    [bounces, 'finish sent back to the agent', 'finishes sent back to the agent'],
    [attempts - 1, 'restart', 'restarts'],
  ] as const
  return facts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ')
}

function limits({ limitsUsed }: RunTotals): string {
  if (limitsUsed === null) return ''
  const { steps, minutes, usd, tokens } = limitsUsed
  return `steps ${percent(steps)}, minutes ${percent(minutes)}, dollars ${percent(usd)}, tokens ${percent(tokens)}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}
