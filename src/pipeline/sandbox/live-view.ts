import { type LiveOutput, MOST_SHOWN } from '../../runs/log/live-output.ts'
import { type LiveView, LOOK_BYTES } from '../../sandbox/live-view.ts'
import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts'
import { type Redact, redactInTurns } from '../../secrets/redact.ts'
import { cutText, withoutBrokenEnd } from '../../text/cut-text.ts'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'
import { stripTerminalOutput } from '../../text/terminal-text.ts'

interface Running {
  readonly command: string
  readonly since: Date
  printed: string
}

/** The most commands that are shown at once; so many may run in clean sandboxes. */
const MOST_COMMANDS = 3
const MOST_TITLE = 200

/**
 * Shows people who watch a run its current commands, each with its title, its start, and the end of its masked output.
 */
export function createLiveView(
  output: Pick<LiveOutput, 'isWatched' | 'show'>,
  runId: string,
  redact: Redact,
): LiveView {
  const running = new Set<Running>()
  let isBusy = false
  let isStale = false

  async function draw(): Promise<string> {
    const shown = [...running].slice(0, MOST_COMMANDS)
    const room = Math.floor(MOST_SHOWN / Math.max(1, shown.length))
    const parts = await Promise.all(shown.map((one) => drawOne(one, room)))
    return parts.join('\n')
  }

  async function drawOne({ command, since, printed }: Running, room: number): Promise<string> {
    const [title, text] = await redactInTurns(
      [command.replaceAll(/\s+/g, ' ').trim(), certain(printed)],
      redact,
    )
    const head = `$ ${cutText(title ?? '', MOST_TITLE)} (since ${since.toISOString().slice(11, 19)} UTC)\n`
    return `${head}${lastLines(text ?? '', room - head.length - 1)}`
  }

  /** Publishes one view at a time. Changes in the meantime go into the next one. */
  async function publish(): Promise<void> {
    isStale = true
    if (isBusy) return
    isBusy = true
    try {
      while (isStale) {
        isStale = false
        output.show(runId, await draw())
      }
    } finally {
      isBusy = false
    }
  }

  return {
    isWatched: () => output.isWatched(runId),
    begin(command, since) {
      const one: Running = { command, since, printed: '' }
      running.add(one)
      const change = () => void publish().catch(() => undefined)
      return {
        show(printed) {
          one.printed = printed
          change()
        },
        end() {
          running.delete(one)
          change()
        },
      }
    },
  }
}

/** A provider whose sandboxes show their commands in the live view. */
export function showIn(live: LiveView, provider: SandboxProvider): SandboxProvider {
  const shown = (sandbox: Sandbox): Sandbox => ({ ...sandbox, live })
  return {
    ...provider,
    create: async (request) => shown(await provider.create(request)),
    attach: async (id) => shown(await provider.attach(id)),
  }
}

/**
 * The part of an incomplete output in which every secret is whole: without a first line whose beginning is missing, and
 * without a last word that may continue.
 */
function certain(printed: string): string {
  const isCut = Buffer.byteLength(printed) >= LOOK_BYTES
  const start = isCut ? printed.search(/[\r\n]/) : 0
  if (start === -1) return ''
  const text = stripTerminalOutput(printed.slice(start).split('\n').flatMap(readable).join('\n'))
  const whole = withoutBrokenEnd(text)
  // The last word is too long to tell whether it is complete, so its whole line is dropped.
  return whole.length === text.length && /[!-~]$/.test(text)
    ? text.slice(0, text.lastIndexOf('\n') + 1)
    : whole
}

/** Unwraps a line of `go test -json`, which Backspace asks for. */
function readable(line: string): readonly string[] {
  if (!/^\{"(?:Time|Action|ImportPath)":.*\}$/.test(line)) return [line]
  const value = jsonOrUndefined(line)
  const said = typeof value === 'object' && value !== null && 'Output' in value ? value.Output : undefined
  return typeof said === 'string' ? [said.trimEnd()] : []
}

function lastLines(text: string, room: number): string {
  const end = text.trimEnd()
  if (end.length <= room) return end
  return end.slice(-room).replace(/^[^\n]*\n/, '')
}
