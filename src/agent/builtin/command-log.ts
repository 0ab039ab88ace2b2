import { callsOf, type Entry, type ToolResultPart } from '../../models/transcript.ts'
import { createRedact } from '../../secrets/redact.ts'
import { withoutBrokenEnd } from '../../text/cut-text.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type { AgentEvent } from '../agent-event.ts'
import { bash } from '../tools/bash.ts'

/** Records which commands the bash tool really ran, to compare them with what the model claims in `finish`. */
export interface CommandLog {
  readonly observe: (event: AgentEvent) => void
  /**
   * Sentences for people on the commands that the model claims to have run: those that the host saw, with their exit
   * codes, and those that it did not see. Undefined when the model claims no command.
   */
  readonly describe: (claimed: readonly string[]) => string | undefined
}

interface RanCommand {
  readonly command: string
  /** The separate commands in the line. */
  readonly parts: readonly string[]
  /** Undefined for a background command, whose end the host did not see. */
  readonly exitCode: number | undefined
  /** How many edits the run had made before this command. */
  readonly edits: number
}

const MAX_CLAIMS = 10
const MAX_CHARACTERS = 200
/** How many characters of a command are looked at. */
const MAX_READ = 4096

/** Applied before a command is cut to size, because half a secret cannot be recognised. */
const redact = createRedact([])

/** @param earlier the entries that this run had before a restart. */
export function createCommandLog(earlier: readonly Entry[]): CommandLog {
  const ran: RanCommand[] = []
  let edits = 0

  function add(command: string, exitCode: number | undefined): void {
    ran.push({ command, parts: commandsOf(command.slice(0, MAX_READ)), exitCode, edits })
  }

  for (const { name, args, result } of answeredCalls(earlier)) {
    if (result.status !== 'ok') continue
    if (name === 'edit' || name === 'write') edits++
    const command = name === 'bash' ? commandOf(args) : undefined
    const exitCode = /^exit (\d+) /.exec(result.text)?.[1]
    if (command !== undefined) add(command, exitCode === undefined ? undefined : Number(exitCode))
  }

  return {
    observe(event) {
      if (event.type !== 'tool.finished' || event.status !== 'ok') return
      const { detail } = event
      if (detail.kind === 'edit' || detail.kind === 'write') edits++
      if (detail.kind !== 'bash') return
      add(detail.command, detail.output.startsWith(IN_BACKGROUND) ? undefined : detail.exitCode)
    },
    describe(claimed) {
      const seen = new Set<string>()
      const unseen = new Set<string>()
      for (const claim of claimed.slice(0, MAX_CLAIMS)) {
        const match = ran.findLast(({ parts }) => holds(parts, claim))
        if (match) seen.add(`${shown(match.command)} (${howItEnded(match, edits)})`)
        else if (claim.trim() !== '') unseen.add(shown(claim))
      }
      const sentences = [
        ...(seen.size > 0 ? [`While working, the agent ran ${[...seen].join(', ')}.`] : []),
        ...(unseen.size > 0
          ? [`The agent says that it ran ${[...unseen].join(', ')}; Backspace saw no such command.`]
          : []),
      ]
      return sentences.length > 0 ? sentences.join(' ') : undefined
    },
  }
}

/** The start of the result of a background command. */
const IN_BACKGROUND = 'started in the background'

function howItEnded({ exitCode, edits }: RanCommand, allEdits: number): string {
  const end = exitCode === undefined ? 'in the background' : `exit code ${exitCode}`
  return edits < allEdits ? `${end}, before its last edit` : end
}

function shown(command: string): string {
  return inlineCode(
    redact(command.length <= MAX_READ ? command : withoutBrokenEnd(command.slice(0, MAX_READ)))
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ⏎ '),
    MAX_CHARACTERS,
  )
}

function answeredCalls(entries: readonly Entry[]) {
  return entries.flatMap((entry, index) => {
    const next = entries[index + 1]
    if (entry.role !== 'assistant' || next?.role !== 'tool') return []
    return callsOf(entry).flatMap(({ id, name, args }) => {
      const result: ToolResultPart | undefined = next.parts.find(({ callId }) => callId === id)
      return result ? [{ name, args, result }] : []
    })
  })
}

/** The command as the tool understood it, since a model may use another name for the argument. */
function commandOf(args: unknown): string | undefined {
  const prepared = bash.prepare(args)
  return prepared.ok ? prepared.asked?.command : undefined
}

/** Whether the commands of a claim occur, in the same order and without others in between, among those of a line. */
function holds(commands: readonly string[], claim: string): boolean {
  const wanted = commandsOf(claim.slice(0, 1000).replaceAll(/^[`$\s]+|`$/g, ''))
  if (wanted.length === 0) return false
  return commands.some((_, at) => wanted.every((command, index) => commands[at + index] === command))
}

/** The separate commands of a line, without `cd`, variable assignments and redirections. */
function commandsOf(line: string): readonly string[] {
  return splitCommands(line)
    .map((command) =>
      command
        .replaceAll(/\s+/g, ' ')
        .trim()
        .replace(/^[({] ?/, '')
        .replace(/ ?[)}]$/, '')
        .replace(/^(?:(?:[A-Za-z_]\w*=\S*|time|env|command|exec|timeout \S+) )+/, '')
        .replaceAll(/ (?:[12&]?>>?|<) ?(?:&[12]|[^\s&]+)/g, '')
        .trim(),
    )
    .filter((command) => command !== '' && !/^cd(?: |$)/.test(command))
}

/**
 * Splits a line at unquoted `&&`, `||`, `;`, `|`, `&` and line ends, in a single pass. Comments and here-documents are
 * skipped, since they are no commands.
 */
function splitCommands(line: string): readonly string[] {
  const commands: string[] = []
  let command = ''
  let quote = ''
  let documents: string[] = []
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    if (character === '\\' && quote !== "'") {
      command += line[at + 1] === '\n' ? ' ' : line.slice(at, at + 2)
      at++
    } else if (quote !== '') {
      if (character === quote) quote = ''
      command += character
    } else if (character === '"' || character === "'") {
      quote = character
      command += character
    } else if (character === '#' && /(?:^|\s)$/.test(command.slice(-1))) {
      at = endOfLine(line, at) - 1
    } else if (character === '<' && line[at + 1] === '<' && line[at + 2] !== '<' && line[at - 1] !== '<') {
      documents.push(documentEnd(line, at + 2))
      command += '<<'
      at++
    } else if (character === '\n') {
      commands.push(command)
      command = ''
      for (const end of documents) at = skipDocument(line, { from: at, end })
      documents = []
    } else if (isSeparator(line, at)) {
      commands.push(command)
      command = ''
    } else command += character
  }
  return [...commands, command]
}

function isSeparator(line: string, at: number): boolean {
  const character = line[at]
  if (character === '&') return line[at - 1] !== '>' && line[at + 1] !== '>'
  return character === ';' || character === '|'
}

function endOfLine(line: string, from: number): number {
  const end = line.indexOf('\n', from)
  return end === -1 ? line.length : end
}

/** The word that ends a here-document; `from` is the index right after its `<<`. */
function documentEnd(line: string, from: number): string {
  const word = /^-?\s*(['"]?)([\w.-]+)\1/.exec(line.slice(from, from + 100))
  return word?.[2] ?? ''
}

/** The index of the line end after a here-document; `from` is the index of the line end before it. */
function skipDocument(line: string, { from, end }: { readonly from: number; readonly end: string }): number {
  for (let at = from; at < line.length; ) {
    const next = endOfLine(line, at + 1)
    if (line.slice(at + 1, next).trim() === end) return next
    at = next
  }
  return line.length
}
