import type { Step } from '../../../runs/run-event.ts'
import { STEP_NAMES } from '../../../runs/summary/sentences.ts'
import { costText, counted } from '../../../text/amounts.ts'
import { checkText } from '../../../text/check-ending.ts'
import type { WireEvent } from '../../../web/stream/wire-schema.ts'
import { endOf, type NewerFrame, type ReceivedFrame } from '../run/received-frame.ts'
import { cutLine } from './columns.ts'
import { type Look, lines, took, withGap, wrapped } from './look.ts'
import { type Paint, paintDiff, paintInline, paintMarkdown, tellingLines } from './paint.ts'

type FrameOf<Type extends WireEvent['type']> = Extract<WireEvent, { readonly type: Type }>
type InfoFrame<Field extends string> = Extract<FrameOf<'info'>, { readonly [Key in Field]: unknown }>
type ToolFrame = FrameOf<`Tool: ${string}`>
type EndFrame = FrameOf<'success' | 'error'>

const MOST_OUTPUT_LINES = 8

/**
 * Shows a run line by line as its frames arrive: steps with their result and time, what the agent says and does, the
 * diff, the ending. The returned function gives the text to print for a frame; '' for a frame that says nothing new.
 *
 * @param columns gives the width of the terminal, which may change; without it, no line is cut or wrapped.
 */
export function createTerminalView(
  paint: Paint,
  columns: () => number | undefined = () => undefined,
): (frame: ReceivedFrame) => string {
  const look = {
    paint,
    get width() {
      return Math.max(40, columns() ?? Number.POSITIVE_INFINITY)
    },
  }
  const showPlan = createPlanView(look)
  const signOf = createStepSigns(look)
  return (frame) => {
    switch (frame.type) {
      case 'info':
        return 'plan' in frame ? showPlan(frame.plan) : showInfo(frame, { look, signOf })
      case 'AI Message':
        return showSpeech(frame.message, look)
      case 'success':
      case 'error':
        return showEnd(frame, look)
      case 'newer':
        return showNewer(frame, look)
      default:
        // The plan itself was just printed.
        return frame.type === 'Tool: Plan' && frame.status !== 'error' ? '' : showTool(frame, look)
    }
  }
}

function showInfo(
  frame: FrameOf<'info'>,
  { look, signOf }: { readonly look: Look; readonly signOf: SignOf },
): string {
  const { paint } = look
  const sign = signOf(frame)
  const { message } = frame
  if ('checks' in frame) return frame.checks.map((check) => showCheck(check, look)).join('')
  // If setup succeeded, the line at the end of its step is enough.
  if ('commands' in frame) {
    const failed = frame.reason === undefined ? [] : frame.commands.slice(-1)
    return failed.map((command) => showCheck(command, look)).join('')
  }
  if ('verification' in frame) return showVerification(frame, look)
  if ('diff' in frame) return showDiff(frame.diff, look)
  if ('turn' in frame) return `${wrapped(message, look, { first: '  · ', style: 'dim' })}\n`
  if ('level' in frame) {
    return frame.level === 'warning'
      ? `${wrapped(message, look, { first: '  ! ', style: 'yellow' })}\n`
      : `${wrapped(paintInline(message, paint), look, { first: '    ' })}\n`
  }
  if ('tool' in frame) return ''
  if ('status' in frame) {
    if (frame.status !== 'started') return showStep(frame, { sign, look })
    return frame.step === 'agent' ? `\n  ${paint('bold', message)}\n` : ''
  }
  return `${wrapped(message, look, { first: '  ', style: 'dim' })}\n`
}

/** What a verification found, below the verdict. The line of the step itself is printed when the step ends. */
function showVerification({ draft, remarks }: InfoFrame<'verification'>, look: Look): string {
  const item = (sentence: string, style: 'yellow' | undefined) =>
    `${wrapped(paintInline(sentence, look.paint), look, { first: '    ', style })}\n`
  return [...draft.map((text) => item(text, 'yellow')), ...remarks.map((text) => item(text, undefined))].join(
    '',
  )
}

/** For a frame of a newer service that this version does not know, only the message is shown. */
function showNewer(frame: NewerFrame, look: Look): string {
  const { paint } = look
  const end = endOf(frame)
  if (end === undefined) {
    return frame.message === '' ? '' : `${wrapped(frame.message, look, { first: '  ', style: 'dim' })}\n`
  }
  const sign = end === 'success' ? paint(['bold', 'green'], '✓') : paint(['bold', 'red'], '✗')
  return `\n  ${sign} ${wrapped(frame.message.trim(), look, { first: '    ' }).trimStart()}\n`
}

function showStep(frame: StepEnd, { sign, look }: { readonly sign: string; readonly look: Look }): string {
  const { paint } = look
  // The message of the checks begins with the name of their step.
  const name = frame.message.startsWith(`${STEP_NAMES[frame.step]}: `) ? '' : stepName(frame.step)
  const gap = frame.step === 'agent' ? '\n' : ''
  const time = /\d m?s$/.test(frame.message) ? '' : withGap(took(frame.duration_ms))
  const room = { paint, width: look.width - time.length }
  const message = paintInline(frame.message, paint)
  const text = wrapped(message, room, { first: ' '.repeat(4 + name.length) }).trimStart()
  return `${gap}  ${sign} ${name}${text}${time && paint('dim', time)}\n`
}

type StepEnd = Exclude<InfoFrame<'status'>, { status: 'started' }>
/** The sign of the step that a frame ends; '' for every other frame. */
type SignOf = (frame: FrameOf<'info'>) => string

/** A checks step passed if its checks did. Their frame comes before the end of the step. */
function createStepSigns({ paint }: Look): SignOf {
  const signs = { ok: paint('green', '✓'), failed: paint('red', '✗'), skipped: paint('dim', '–') }
  const failedSteps = new Set<string>()
  return (frame) => {
    if ('checks' in frame) {
      const passed = frame.checks.every(({ exit_code }) => exit_code === 0)
      if (passed) failedSteps.delete(frame.step)
      else failedSteps.add(frame.step)
    }
    if (!('status' in frame) || frame.status === 'started') return ''
    return signs[failedSteps.has(frame.step) ? 'failed' : frame.status]
  }
}

function stepName(step: Step): string {
  return step.replaceAll('_', ' ').padEnd(13)
}

/** The whole plan when it is new; after that, only the items that changed. */
function createPlanView(look: Look): (plan: InfoFrame<'plan'>['plan']) => string {
  const { paint } = look
  const marks = {
    pending: '☐',
    in_progress: paint('yellow', '◐'),
    done: paint('green', '☑'),
    dropped: paint('dim', '☒'),
  }
  let shown = new Set<string>()
  return (plan) => {
    const lines = plan.map(({ text, status }) => {
      const line = cutLine(text, look.width - 6)
      return `    ${marks[status]} ${status === 'dropped' ? paint('dim', line) : line}\n`
    })
    const fresh = lines.filter((line) => !shown.has(line))
    shown = new Set(lines)
    return fresh.join('')
  }
}

function showCheck(check: InfoFrame<'checks'>['checks'][number], look: Look): string {
  const { paint, width } = look
  const { command, exit_code, failed_first, cause, duration_ms, output } = check
  const passed = exit_code === 0
  const said = checkText({ exitCode: exit_code, failedFirst: failed_first, cause })
  const time = withGap(took(duration_ms))
  // If both are long, the command is cut.
  const room = Math.max(12, width - 6 - said.length - time.length)
  const name = paint('bold', cutLine(`$ ${command.replaceAll('\n', ' ')}`, room))
  const line = `    ${name}  ${paint(passed ? 'green' : 'red', said)}${paint('dim', time)}\n`
  return passed ? line : line + showOutput(output, { failed: true, look })
}

function showTool(frame: ToolFrame, look: Look): string {
  const { paint, width } = look
  const failed = frame.status === 'error'
  const exitCode = 'exit_code' in frame ? (frame.exit_code ?? 0) : 0
  const exit = exitCode === 0 ? '' : paint('red', `  exit ${exitCode}`)
  const time = withGap(took(frame.duration_ms))
  const room = width - '  ▸ '.length - time.length - (exitCode === 0 ? 0 : `  exit ${exitCode}`.length)
  const name = cutLine(frame.message.replaceAll('\n', ' '), room)
  const sign = failed ? paint('red', '✗') : paint('cyan', '▸')
  const head = `  ${sign} ${name}${exit}${paint('dim', time)}\n`
  if ('exit_code' in frame) {
    return head + showOutput(frame.output, { failed: exitCode !== 0 || failed, look })
  }
  return 'old_str' in frame && !failed ? head + showEdit(frame, look) : head
}

function showOutput(
  output: string,
  { failed, look: { paint, width } }: { readonly failed: boolean; readonly look: Look },
): string {
  return tellingLines(output, { failed, most: MOST_OUTPUT_LINES })
    .map((line) => `      ${paint('dim', cutLine(line, width - 6))}\n`)
    .join('')
}

function showEdit(frame: FrameOf<'Tool: Edit'>, { paint, width }: Look): string {
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

function showEnd(frame: EndFrame, look: Look): string {
  const { paint } = look
  const { turns, tool_calls, total_duration_ms, cost_usd } = frame.extra_data
  const facts = [
    took(total_duration_ms),
    turns === 0 ? 'no AI model' : counted(turns, 'turn'),
    counted(tool_calls, 'tool call'),
    turns === 0 ? '' : costText(cost_usd),
  ].filter((fact) => fact !== '')
  const text = wrapped(paintMarkdown(frame.message.trim(), paint), look, { first: '    ' }).trimStart()
  const sign =
    frame.type === 'success' ? paint(['bold', 'green'], '✓') : paint(['bold', 'red'], `✗ ${frame.code}\n   `)
  const gap = text.includes('\n\n') ? '\n' : ''
  return `\n  ${sign} ${text}\n${gap}    ${paint('dim', facts.join(' · '))}\n`
}
