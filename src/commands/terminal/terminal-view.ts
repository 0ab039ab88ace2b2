import { costText, durationText } from '../../text/amounts.ts'
import type { WireEvent } from '../../web/stream/wire-event.ts'
import { cutLine, type Paint, paintDiff, paintMarkdown, tellingLines, wrapText } from './paint.ts'

interface Look {
  readonly paint: Paint
  /** Columns of the terminal; Infinity where there is none. */
  readonly width: number
}

const MOST_OUTPUT_LINES = 8

/**
 * Tells a run line by line, as its frames come: steps with what they did and how long it took, what the agent says
 * and does, the diff, the end. Returns the text to print for a frame; empty for frames that say nothing new.
 *
 * @param width columns of the terminal; without it nothing is cut or wrapped.
 */
export function createTerminalView(
  paint: Paint,
  { width = Number.POSITIVE_INFINITY }: { readonly width?: number | undefined } = {},
): (frame: WireEvent) => string {
  const look = { paint, width: Math.max(40, width) }
  const showPlan = createPlanView(look)
  return (frame) => {
    if (frame.type === 'info') return Array.isArray(frame.plan) ? showPlan(frame.plan) : showInfo(frame, look)
    if (frame.type === 'AI Message') return showSpeech(frame.message, look)
    if (frame.type === 'success' || frame.type === 'error') return showEnd(frame, look)
    // The plan itself has just been shown.
    return frame.type === 'Tool: Plan' && frame.status !== 'error' ? '' : showTool(frame, look)
  }
}

function showInfo(frame: WireEvent, look: Look): string {
  const { paint } = look
  const { message } = frame
  if (Array.isArray(frame.checks)) return frame.checks.map((check) => showCheck(check, look)).join('')
  if (typeof frame.diff === 'string') return showDiff(frame.diff, look)
  if (frame.turn !== undefined) return showTurn(frame, look)
  if (frame.level === 'warning') return `${wrapped(message, look, { first: '  ! ', style: 'yellow' })}\n`
  if (frame.level !== undefined) return `${wrapped(message, look, { first: '    ' })}\n`
  if (frame.tool !== undefined) return ''
  if (frame.status === 'started') return frame.step === 'agent' ? `\n  ${paint('bold', message)}\n` : ''
  if (frame.duration_ms !== undefined) return showStep(frame, look)
  return `${wrapped(message, look, { first: '  ', style: 'dim' })}\n`
}

function showTurn(frame: WireEvent, { paint }: Look): string {
  const model = frame.provider === 'scripted' ? 'scripted model' : String(frame.model)
  const cost = typeof frame.cost_usd === 'number' ? costText(frame.cost_usd) : 'cost unknown'
  const facts = [`turn ${frame.turn}`, model, took(frame.duration_ms), cost].filter((fact) => fact !== '')
  return paint('dim', `  · ${facts.join(' · ')}\n`)
}

function showStep(frame: WireEvent, look: Look): string {
  const { paint } = look
  const signs = { failed: paint('red', '✗'), skipped: paint('dim', '–') }
  const sign = signs[frame.status as keyof typeof signs] ?? paint('green', '✓')
  const name = String(frame.step).replaceAll('_', ' ').padEnd(13)
  const gap = frame.step === 'agent' ? '\n' : ''
  const time = /\d m?s$/.test(frame.message) ? '' : withGap(took(frame.duration_ms))
  const room = { paint, width: look.width - time.length }
  const text = wrapped(frame.message, room, { first: ' '.repeat(17) }).trimStart()
  return `${gap}  ${sign} ${name}${text}${time && paint('dim', time)}\n`
}

/** The whole plan when it is new, and then only what changed in it. */
function createPlanView({ paint, width }: Look): (plan: readonly unknown[]) => string {
  const marks = { done: paint('green', '☑'), in_progress: paint('yellow', '◐'), dropped: paint('dim', '☒') }
  let shown = new Set<string>()
  return (plan) => {
    const lines = plan.map((item) => {
      const { text, status } = item as { text: string; status: string }
      const line = cutLine(text, width - 6)
      return `    ${marks[status as keyof typeof marks] ?? '☐'} ${status === 'dropped' ? paint('dim', line) : line}\n`
    })
    const fresh = lines.filter((line) => !shown.has(line))
    shown = new Set(lines)
    return fresh.join('')
  }
}

function showCheck(check: unknown, look: Look): string {
  const { paint, width } = look
  const { command, exit_code, duration_ms, output } = check as Record<string, unknown>
  const passed = exit_code === 0
  const mark = passed ? paint('green', 'passed') : paint('red', `exit ${exit_code}`)
  const name = paint('bold', cutLine(`$ ${command}`, width - 24))
  const line = `    ${name}  ${mark}${paint('dim', withGap(took(duration_ms)))}\n`
  return passed ? line : line + showOutput(output, { failed: true, look })
}

function showTool(frame: WireEvent, look: Look): string {
  const { paint, width } = look
  const failed = frame.status === 'error'
  const exitCode = typeof frame.exit_code === 'number' ? frame.exit_code : 0
  const exit = exitCode === 0 ? '' : paint('red', `  exit ${exitCode}`)
  const name = cutLine(frame.message.replaceAll('\n', ' '), width - 24)
  const sign = failed ? paint('red', '✗') : paint('cyan', '▸')
  const head = `  ${sign} ${name}${exit}${paint('dim', withGap(took(frame.duration_ms)))}\n`
  if (frame.type === 'Tool: Bash') {
    return head + showOutput(frame.output, { failed: exitCode !== 0 || failed, look })
  }
  return typeof frame.old_str === 'string' && !failed ? head + showEdit(frame, look) : head
}

function showOutput(
  output: unknown,
  { failed, look: { paint, width } }: { readonly failed: boolean; readonly look: Look },
): string {
  if (typeof output !== 'string') return ''
  return tellingLines(output, { failed, most: MOST_OUTPUT_LINES })
    .map((line) => `      ${paint('dim', cutLine(line, width - 6))}\n`)
    .join('')
}

function showEdit(frame: WireEvent, { paint, width }: Look): string {
  const removed = lines(frame.old_str).map((line) => paint('red', cutLine(`- ${line}`, width - 6)))
  const added = lines(frame.new_str).map((line) => paint('green', cutLine(`+ ${line}`, width - 6)))
  return [...removed, ...added].map((line) => `      ${line}\n`).join('')
}

function showDiff(diff: string, { paint, width }: Look): string {
  const cut = lines(diff).map((line) => `    ${paintDiff(cutLine(line, width - 4), paint)}\n`)
  return diff.trim() === '' ? '' : cut.join('')
}

function showSpeech(message: string, look: Look): string {
  const { paint } = look
  const text = wrapped(paintMarkdown(message.trim(), paint), look, { first: '    ' })
  return `  ${paint('magenta', '“')} ${text.trimStart()}\n`
}

function showEnd(frame: WireEvent, look: Look): string {
  const { paint } = look
  const data = frame.extra_data as Record<string, unknown>
  const turns = typeof data.turns === 'number' ? data.turns : 0
  const facts = [
    took(data.total_duration_ms),
    ...(turns === 0 ? ['no AI model'] : [counted(turns, 'turn')]),
    counted(Number(data.tool_calls), 'tool call'),
    ...(turns === 0 ? [] : [typeof data.cost_usd === 'number' ? costText(data.cost_usd) : 'cost unknown']),
  ].filter((fact) => fact !== '')
  const text = wrapped(paintMarkdown(frame.message.trim(), paint), look, { first: '    ' }).trimStart()
  const sign =
    frame.type === 'success' ? paint(['bold', 'green'], '✓') : paint(['bold', 'red'], `✗ ${frame.code}\n   `)
  const gap = text.includes('\n\n') ? '\n' : ''
  return `\n  ${sign} ${text}\n${gap}    ${paint('dim', facts.join(' · '))}\n`
}

/** Text within the terminal's width; the lines after the first stand under its text. */
function wrapped(
  text: string,
  { paint, width }: Look,
  { first, style }: { readonly first: string; readonly style?: 'dim' | 'yellow' },
): string {
  return wrapText(text, width - first.length)
    .split('\n')
    .map((line, index) => (line === '' ? '' : (index === 0 ? first : ' '.repeat(first.length)) + line))
    .map((line) => (style && line !== '' ? paint(style, line) : line))
    .join('\n')
}

function lines(text: unknown): string[] {
  return typeof text === 'string' ? text.replace(/\n$/, '').split('\n') : []
}

/** A hundredth of a second is no news. */
function took(ms: unknown): string {
  return typeof ms === 'number' && ms >= 10 ? durationText(ms) : ''
}

function withGap(text: string): string {
  return text === '' ? '' : `  ${text}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
