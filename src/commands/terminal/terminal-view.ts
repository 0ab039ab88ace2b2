import type { WireEvent } from '../../web/stream/wire-event.ts'
import { type Paint, paintDiff } from './palette.ts'

/**
 * Tells a run line by line, as its frames come: steps with what they did and how long it took, what the agent says
 * and does, the diff, the end. Returns the text to print for a frame; empty for frames that say nothing new.
 */
export function createTerminalView(paint: Paint): (frame: WireEvent) => string {
  return (frame) => {
    if (frame.type === 'info') return showInfo(frame, paint)
    if (frame.type === 'AI Message') return indent(frame.message.trim(), paint('magenta', '  “ '))
    if (frame.type === 'success' || frame.type === 'error') return showEnd(frame, paint)
    return showTool(frame, paint)
  }
}

function showInfo(frame: WireEvent, paint: Paint): string {
  const { step, message } = frame
  if (Array.isArray(frame.plan)) return showPlan(frame.plan, paint)
  if (Array.isArray(frame.checks)) return frame.checks.map((check) => showCheck(check, paint)).join('')
  if (typeof frame.diff === 'string') return indent(paintDiff(frame.diff.trimEnd(), paint), '    ')
  if (frame.turn !== undefined) return showTurn(frame, paint)
  if (frame.level !== undefined) {
    return frame.level === 'warning' ? `  ${paint('yellow', `! ${message}`)}\n` : `    ${message}\n`
  }
  if (frame.tool !== undefined) return ''
  if (frame.status === 'started') return step === 'agent' ? `\n  ${paint('bold', message)}\n` : ''
  if (frame.duration_ms !== undefined) return showStep(frame, paint)
  return `  ${paint('dim', message)}\n`
}

function showTurn(frame: WireEvent, paint: Paint): string {
  const cost = typeof frame.cost_usd === 'number' ? dollars(frame.cost_usd) : 'cost unknown'
  const facts = [`turn ${frame.turn}`, frame.model, duration(frame.duration_ms), cost]
  return paint('dim', `  · ${facts.join(' · ')}\n`)
}

function showStep(frame: WireEvent, paint: Paint): string {
  const mark =
    frame.status === 'failed'
      ? paint('red', '✗')
      : frame.status === 'skipped'
        ? paint('dim', '–')
        : paint('green', '✓')
  const name = String(frame.step).replaceAll('_', ' ').padEnd(13)
  const gap = frame.step === 'agent' ? '\n' : ''
  return `${gap}  ${mark} ${name}${frame.message}${paint('dim', `  ${duration(frame.duration_ms)}`)}\n`
}

function showPlan(plan: readonly unknown[], paint: Paint): string {
  const marks = { done: paint('green', '☑'), in_progress: paint('yellow', '◐'), dropped: paint('dim', '☒') }
  return plan
    .map((item) => {
      const { text, status } = item as { text: string; status: string }
      const mark = marks[status as keyof typeof marks] ?? '☐'
      return `    ${mark} ${status === 'dropped' ? paint('dim', text) : text}\n`
    })
    .join('')
}

function showCheck(check: unknown, paint: Paint): string {
  const { command, exit_code, duration_ms, output } = check as Record<string, unknown>
  const passed = exit_code === 0
  const mark = passed ? paint('green', 'passed') : paint('red', `exit ${exit_code}`)
  const line = `    ${paint('bold', `$ ${command}`)}  ${mark}${paint('dim', `  ${duration(duration_ms)}`)}\n`
  return passed ? line : line + indent(paint('dim', lastLines(output, 6)), '      ')
}

function showTool(frame: WireEvent, paint: Paint): string {
  const failed = frame.status === 'error'
  const mark = failed ? paint('red', '✗') : paint('cyan', '▸')
  const exit =
    typeof frame.exit_code === 'number' && frame.exit_code !== 0
      ? paint('red', `  exit ${frame.exit_code}`)
      : ''
  const head = `  ${mark} ${frame.message}${exit}${paint('dim', `  ${duration(frame.duration_ms)}`)}\n`
  if (typeof frame.old_str === 'string') return head + showEdit(frame, paint)
  if (frame.type === 'Tool: Bash') return head + indent(paint('dim', lastLines(frame.output, 6)), '      ')
  return head
}

function showEdit(frame: WireEvent, paint: Paint): string {
  const removed = lines(frame.old_str).map((line) => paint('red', `- ${line}`))
  const added = lines(frame.new_str).map((line) => paint('green', `+ ${line}`))
  return indent([...removed, ...added].join('\n'), '      ')
}

function showEnd(frame: WireEvent, paint: Paint): string {
  const data = frame.extra_data as Record<string, unknown>
  const facts = [
    duration(data.total_duration_ms),
    `${data.turns} turns`,
    `${data.tool_calls} tool calls`,
    typeof data.cost_usd === 'number' ? dollars(data.cost_usd) : 'cost unknown',
  ]
  const summary = paint('dim', `  ${facts.join(' · ')}`)
  return frame.type === 'success'
    ? `\n  ${paint(['bold', 'green'], '✓')} ${frame.message}\n${summary}\n`
    : `\n  ${paint(['bold', 'red'], `✗ ${frame.code}`)}  ${frame.message}\n${summary}\n`
}

function lines(text: unknown): string[] {
  return typeof text === 'string' ? text.replace(/\n$/, '').split('\n') : []
}

function lastLines(text: unknown, count: number): string {
  return lines(text).slice(-count).join('\n').trim()
}

function indent(text: string, margin: string): string {
  if (text === '') return ''
  const rest = ' '.repeat(4)
  return `${text
    .split('\n')
    .map((line, index) => (index === 0 || margin.trim() === '' ? margin : rest) + line)
    .join('\n')}\n`
}

/** Cents are too coarse for one turn. */
function dollars(amount: number): string {
  return amount === 0 || amount >= 0.1 ? `$${amount.toFixed(2)}` : `$${amount.toFixed(4)}`
}

function duration(ms: unknown): string {
  if (typeof ms !== 'number') return ''
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
