import type { ShellWord } from '../../text/shell-quote.ts'

const MAX_COMMAND = 20_000
/** Characters that make a command more than programs with arguments, joined by `&&`. */
const SPECIAL = /[|;<>()`\n!{}]/

/**
 * Splits a command into the commands that `&&` joins, and these into words.
 *
 * @returns undefined for a command with pipes, redirections, groups or substitutions, which only a shell can interpret.
 */
export function shellWords(command: string): readonly (readonly ShellWord[])[] | undefined {
  if (command.length > MAX_COMMAND) return undefined
  const commands: ShellWord[][] = [[]]
  let at = 0
  while (at < command.length) {
    if (/[ \t]/.test(command[at] ?? '')) {
      at++
    } else if (command.startsWith('&&', at)) {
      commands.push([])
      at += 2
    } else {
      const word = wordAt(command, at)
      if (word === undefined) return undefined
      commands.at(-1)?.push(word)
      at += word.raw.length
    }
  }
  return commands.every((words) => words.length > 0) ? commands : undefined
}

function wordAt(command: string, start: number): ShellWord | undefined {
  let text = ''
  let at = start
  while (at < command.length) {
    const char = command[at] ?? ''
    if (/[ \t]/.test(char) || command.startsWith('&&', at)) break
    if (SPECIAL.test(char) && !isBraceList(command, at)) return undefined
    if (char === '&' || (char === '#' && at === start) || command.startsWith('$(', at)) return undefined
    if (char === "'" || char === '"') {
      const end = closingQuote(command, at)
      if (end === undefined) return undefined
      text += command.slice(at + 1, end)
      at = end + 1
    } else if (char === '\\') {
      text += command[at + 1] ?? ''
      at += 2
    } else {
      text += char
      at++
    }
  }
  return { raw: command.slice(start, at), text }
}

/** Whether a brace belongs to a file pattern such as `{a,b}`. A brace that touches no word begins or ends a group. */
function isBraceList(command: string, at: number): boolean {
  const char = command[at]
  const beside = char === '{' ? command[at + 1] : char === '}' ? command[at - 1] : ' '
  return /[\w,./*-]/.test(beside ?? ' ')
}

/** The index of the closing quote; undefined if there is none, or if the quotes contain a substitution. */
function closingQuote(command: string, at: number): number | undefined {
  const quote = command[at] ?? ''
  const end = command.indexOf(quote, at + 1)
  if (end === -1) return undefined
  const inside = command.slice(at + 1, end)
  return quote === '"' && /[`\\]|\$\(/.test(inside) ? undefined : end
}
