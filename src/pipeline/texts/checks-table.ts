import { type ComparedCheck, compareChecks } from '../../checks/compare-checks.ts'
import type { CheckResult } from '../../checks/run-command.ts'
import { durationText } from '../../runs/amount-text.ts'
import { codeSpan, fenced } from './fenced.ts'

/** The checks before and after the change, as the host ran them; the output of what newly fails follows. */
export function checksTable(before: readonly CheckResult[], after: readonly CheckResult[]): string {
  const checks = compareChecks(before, after)
  if (checks.length === 0) {
    return 'No checks were run: none were found. `.github/backspace.yml` can name them (`checks:`).'
  }
  const rows = checks.map(
    (check) =>
      `| ${codeSpan(check.command)} | ${cell(check.before)} | ${cell(check.after)}${remark(check)} |`,
  )
  const outputs = checks.filter(({ verdict }) => verdict === 'newly_failing').slice(0, 3)
  return [['| Check | Before | After |', '|---|---|---|', ...rows].join('\n'), ...outputs.map(outputOf)].join(
    '\n\n',
  )
}

/** `passed` is said of exit code 0 and of nothing else. */
function cell(result: CheckResult | undefined): string {
  if (result === undefined) return 'not run'
  const { exitCode, durationMs } = result
  if (exitCode === 0) return `✅ passed (exit code 0, ${durationText(durationMs)})`
  if (exitCode === 127) return '➖ not installed (exit code 127)'
  if (exitCode === 124) return `❌ timed out (exit code 124, ${durationText(durationMs)})`
  return `❌ failed (exit code ${exitCode}, ${durationText(durationMs)})`
}

function remark({ verdict }: ComparedCheck): string {
  switch (verdict) {
    case 'fixed':
      return ' **fixed**'
    case 'newly_failing':
      return ' **newly failing**'
    case 'still_failing':
      return ' failed before, too'
    case 'passes':
    case 'unavailable':
    case 'not_run':
      return ''
  }
}

function outputOf({ command, after }: ComparedCheck): string {
  const tail = after?.tail || '(no output)'
  return `<details><summary>Output of <code>${escapeHtml(command)}</code></summary>\n\n${fenced(tail, 'text')}\n\n</details>`
}

function escapeHtml(text: string): string {
  const [line = ''] = text.split('\n')
  return line
    .slice(0, 120)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/[&<>@#*_`[\]]/g, (char) => `&#${char.codePointAt(0)};`)
}
