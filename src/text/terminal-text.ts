import { atOnce, inTurns, type Pieces } from '../time/pieces.ts'
import { withShownDirections } from './hidden-characters.ts'
import { mapTexts } from './map-texts.ts'

/**
 * Text as it may be printed at a terminal: terminal sequences (colours, links, clipboard writes) and control
 * characters are removed, line ends are `\n`. What a sandbox printed must not steer the terminal of a reader.
 */
export function forTerminal(text: string): string {
  return atOnce(inPieces(text))
}

function inPieces(text: string): Pieces<string> {
  return withShownDirections(text.replace(TERMINAL_SEQUENCES, ''))
}

/** Applies `forTerminal` to every string inside a JSON-like value. */
export function forTerminalDeep<T>(value: T): T {
  return atOnce(mapTexts(value, inPieces))
}

/** The same for values of any size; other work goes on in between. */
export function forTerminalInTurns<T>(value: T): Promise<T> {
  return inTurns(mapTexts(value, inPieces))
}

/**
 * Strips colours and control bytes from what a command printed; keeps a progress bar's last state. Hidden characters
 * stay: they may be a file's content, which a model needs as it is.
 */
export function stripTerminalOutput(output: string): string {
  return output
    .replace(TERMINAL_SEQUENCES, '')
    .split('\n')
    .map(lastState)
    .join('\n')
    .replace(CONTROL_CHARACTERS, '')
}

/** Each `\r` that something follows starts the line again. */
function lastState(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}

// OSC, DCS, APC, PM and SOS strings up to their terminator or the line's end, then CSI, then two-byte escapes.
const TERMINAL_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g

// C0 but tab and line feed, DEL, C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
const CONTROL_CHARACTERS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
