/**
 * Text as it may be shown: terminal sequences (colours, links, clipboard writes) and control characters are
 * removed, line ends are `\n`. What a sandbox printed must not steer the terminal of whoever reads the stream.
 */
export function printable(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCES, '')
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL_CHARACTERS, '')
    .toWellFormed()
}

/** Applies `printable` to every string inside a JSON-like value. */
export function printableDeep<T>(value: T): T {
  return walk(value) as T
}

function walk(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(walk)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]))
}

// OSC, DCS, APC, PM and SOS strings up to their terminator or the line's end, then CSI, then two-byte escapes.
const TERMINAL_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g

// C0 but tab and line feed, DEL, C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
const CONTROL_CHARACTERS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
