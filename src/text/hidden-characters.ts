/**
 * Characters that a reader on GitHub does not see but a model reads: format and tag characters, variation
 * selectors, blank letters, control characters but tab and newline.
 */
const INVISIBLE = [
  /[\p{Cf}\p{Co}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu,
  /[\u{e0000}-\u{e0fff}]|[\ufe00-\ufe0f]|\u034f|[\u180b-\u180f]/gu,
  /(?![\t\n])\p{Cc}/gu,
] as const

/** Takes them out of text that others wrote. Idempotent. */
export function removeInvisible(text: string): string {
  return INVISIBLE.reduce((rest, hidden) => rest.replaceAll(hidden, ''), text.replaceAll('\r\n', '\n'))
}

/**
 * Text as a page shows it: characters that reorder what is displayed are made visible, so that a diff cannot look
 * like something that it is not (https://trojansource.codes). Escaping is left to the template.
 */
export function shownText(text: string): string {
  return text.replace(
    /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g,
    (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}

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
