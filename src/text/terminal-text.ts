import { atOnce, inTurns, type Pieces } from '../time/pieces.ts'
import { withShownDirections } from './hidden-characters.ts'
import { mapTexts } from './map-texts.ts'

/**
 * Text that is safe to print at a terminal: escape sequences (colours, links, clipboard writes) and control characters
 * are removed, and line ends are `
 * `. What a sandbox printed must not control a reader's terminal.
 */
export function forTerminal(text: string): string {
  return atOnce(inPieces(text))
}

function inPieces(text: string): Pieces<string> {
  return withShownDirections(text.replace(TERMINAL_SEQUENCES, ''))
}

/** Applies `forTerminal` to every string in a JSON-like value. */
export function forTerminalDeep<T>(value: T): T {
  return atOnce(mapTexts(value, inPieces))
}

/** Like `forTerminalDeep`, for values of any size: other work goes on in between. */
export function forTerminalInTurns<T>(value: T): Promise<T> {
  return inTurns(mapTexts(value, inPieces))
}

/**
 * Removes colours and control characters from what a command printed, and keeps the last state of a progress bar.
 * Hidden characters stay: they may be a file's content, which a model needs as it is.
 */
export function stripTerminalOutput(output: string): string {
  return output
    .replace(TERMINAL_SEQUENCES, '')
    .split('\n')
    .map(lastState)
    .join('\n')
    .replace(CONTROL_CHARACTERS, '')
}

/** The text that a line ends up showing: each `\r` with text after it starts the line again. */
function lastState(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}

// OSC, DCS, APC, PM and SOS strings up to their terminator or the end of the line, then CSI, then two-byte escapes.
const TERMINAL_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g

// C0 except tab and line feed, DEL, C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
const CONTROL_CHARACTERS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
