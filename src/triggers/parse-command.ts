import { type AgentName, isAgentName } from '../text/agent-name.ts'
import { scanMarkdown } from '../text/markdown/scan-markdown.ts'
import { visibleText } from '../text/markdown/visible-text.ts'
import { mayHoldToken, readToken } from './read-token.ts'

/** What a person asked for in a comment. */
export type ParsedCommand =
  | ({ readonly kind: 'prompt'; readonly prompt: string } & Flags)
  /** No text after the token: "do this issue". */
  | ({ readonly kind: 'bare' } & Flags)
  | ReservedCommand
  /** A word right after the token that looks like a flag, but is none. */
  | { readonly kind: 'unknown_flag'; readonly flag: string }
  /** `--agent` with a word after it that names no agent, or with none. */
  | { readonly kind: 'unknown_agent'; readonly agent: string }
  /** A line that is no command but was probably meant as one, such as `/ backspace fix it`. */
  | { readonly kind: 'unclear' }

interface ReservedCommand {
  readonly kind: 'reserved'
  readonly command: Command
  /** The text after `approve`, on its line and below. */
  readonly text: string
  /** Set when more words follow on the line, as in `approve but keep the API`. Without a plan, this is a request. */
  readonly request: string | undefined
  /** As in `Flags`, for a word that starts a run. */
  readonly agent?: AgentName | undefined
}

export interface Flags {
  /** `--plan`: make a plan and change nothing. */
  readonly plan: boolean
  /** `--new`: a run of its own, even while one is under way. */
  readonly separate: boolean
  /** `--agent claude-code`: the agent that is to work. */
  readonly agent?: AgentName | undefined
}

export const FLAGS = ['plan', 'new', 'agent'] as const

/** Words that are commands if nothing else follows them on their line. */
export const COMMANDS = ['stop', 'retry', 'status', 'approve', 'prove', 'setup', 'help'] as const
export type Command = (typeof COMMANDS)[number]

/** A flag on the line of the token. Phones and word processors turn two dashes into one long one. */
const FLAG = /^[ \t]*(?:--|—)([a-z]\S*)|^[ \t]+[-–]((?:plan|new|agent)(?=[\s,:;.=]|$))/i
/** Most characters of a line that may be a reserved word with punctuation around it. */
const MAX_RESERVED = 60

/**
 * Finds every `/backspace` at the beginning of a line, outside of quotations and code, in time linear in the comment. A
 * prompt goes on, exactly as written, to the next `/backspace` or the end of the comment.
 */
export function parseCommands(comment: string): readonly ParsedCommand[] {
  if (!mayHoldToken(comment)) return []
  const text = comment.replace(/\r\n?/g, '\n')
  const tokens = scanMarkdown(text)
    .lines.filter(({ isText }) => isText)
    .flatMap((line) => {
      const token = readToken(line.text)
      return token === undefined ? [] : [{ ...token, start: line.start }]
    })
  const commands = tokens.filter(({ kind }) => kind === 'command')
  if (commands.length === 0) return tokens.length === 0 ? [] : [{ kind: 'unclear' }]
  return commands.map(({ start, length }, index) =>
    parseCommand(text.slice(start + length, commands[index + 1]?.start)),
  )
}

function parseCommand(afterToken: string): ParsedCommand {
  const { names, agents, ...taken } = takeFlags(moveFlags(afterToken))
  const rest = taken.rest.trim()
  const unknown = names.find((name) => !FLAGS.some((flag) => flag === name))
  if (unknown !== undefined) return { kind: 'unknown_flag', flag: unknown }
  const wrong = agents.find((name) => !isAgentName(name))
  if (wrong !== undefined) return { kind: 'unknown_agent', agent: wrong }
  const agent = agents.findLast(isAgentName)
  const flags = { plan: names.includes('plan'), separate: names.includes('new'), agent }
  if (withoutSignature(rest) === '') return { kind: 'bare', ...flags }
  const reserved = flags.plan || flags.separate ? undefined : parseReserved(rest)
  return reserved ? { ...reserved, agent } : { kind: 'prompt', prompt: rest, ...flags }
}

/** People write `retry --agent claude-code` as well as `--agent claude-code retry`. */
const WORD_BEFORE_AGENT = /^[ \t]*(retry|approve)[,:;.!]*(?=[ \t]+(?:--|[—–-])agent\b)/i

function moveFlags(text: string): string {
  const match = WORD_BEFORE_AGENT.exec(text)
  if (!match) return text
  const [word, name = ''] = match
  const { rest, written } = takeFlags(text.slice(word.length))
  return `${written} ${name}${rest}`
}

/** Flags and agents have shorter names; a longer word is neither. */
const LONGEST_WORD = 80
const VALUE = /^[ \t]*(\S*)/
const AROUND_VALUE = /^["'`*“”‘’]+|["'`*“”‘’,:;.!]+$/g

function takeFlags(text: string): {
  readonly names: readonly string[]
  /** The word after each `--agent`, in lower case; empty if there is none. */
  readonly agents: readonly string[]
  readonly written: string
  readonly rest: string
} {
  const names: string[] = []
  const agents: string[] = []
  let left = text
  for (let match = FLAG.exec(left); match; match = FLAG.exec(left)) {
    const word = (match[1] ?? match[2] ?? '').slice(0, LONGEST_WORD).toLowerCase()
    const [name = '', ...more] = word.split(/[=:](?=.)/)
    names.push(name.replace(/[,:;.!=]+$/, ''))
    left = left.slice(match[0].length).replace(/^[,:;.=]+/, '')
    if (names.at(-1) !== 'agent') continue
    const [taken, next = ''] = more.length === 0 ? (VALUE.exec(left) ?? ['']) : ['', more.join(':')]
    agents.push(next.slice(0, LONGEST_WORD).toLowerCase().replaceAll(AROUND_VALUE, ''))
    left = left.slice(taken.length)
  }
  return { names, agents, written: text.slice(0, text.length - left.length), rest: left }
}

/**
 * Reads a reserved word. Only the first line counts: if `stop` above a signature were taken for a request, its author
 * would get the contrary of what they want. `stop!`, `**stop**` and `stop, please` are ways to write the word.
 */
function parseReserved(rest: string): ReservedCommand | undefined {
  const end = rest.indexOf('\n')
  const line = visibleText(end === -1 ? rest : rest.slice(0, end))
  const below = end === -1 ? '' : withoutSignature(rest.slice(end + 1))
  const word = line.length > MAX_RESERVED ? '' : bareWord(line)
  const sole = COMMANDS.find((command) => command === word)
  if (sole !== undefined) {
    return { kind: 'reserved', command: sole, text: sole === 'approve' ? below : '', request: undefined }
  }
  const approved = /^approve\b[,:;.!]*\s+(?=\S)/i.exec(rest)
  if (!approved) return undefined
  const text = withoutSignature(rest.slice(approved[0].length))
  return { kind: 'reserved', command: 'approve', text, request: rest }
}

const POLITE_START = /^(?:please|pls)[ ,]+/
const POLITE_END = /[ ,]+(?:please|pls|now|thanks|thank you|thx|it|this|all|again|the run|this run)$/

/** A word without the punctuation, markup, emoji and polite words around it, in lower case. */
function bareWord(line: string): string {
  let word = line.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '').toLowerCase()
  word = word.replace(POLITE_START, '')
  while (POLITE_END.test(word)) word = word.replace(POLITE_END, '')
  // There may be punctuation before the polite words, as in `**stop**, please`.
  return word.replace(/[^\p{L}\p{N}]+$/u, '')
}

const SIGNATURE =
  /^(?:-- ?$|_{5,}$|sent (?:from (?:my|outlook|mail|yahoo|proton|gmail)|via )|get outlook for |von meinem .{1,60} gesendet|gesendet (?:von|mit) |envoyé (?:de|depuis) |enviado (?:desde|do|de) |inviato da |on .{1,200} wrote:$|reply to this email directly)/i

/** The text that its author wrote, without a mail program's signature or quoted mail below it. */
function withoutSignature(text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => SIGNATURE.test(line.slice(0, 300).trim()))
  const own = end === -1 ? lines : lines.slice(0, end)
  return own
    .filter((line) => !/^ {0,3}>/.test(line))
    .join('\n')
    .trim()
}
