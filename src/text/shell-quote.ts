/** One word of a command in a shell's language. */
export interface ShellWord {
  /** As it is written, with quotes. */
  readonly raw: string
  /** Without quotes. */
  readonly text: string
}

/** Reads as itself in every shell. An empty word does not: it vanishes. */
const BARE = /^[\w@%+=:,./-]+$/

/** Quotes `text`, whatever it holds, so that `sh` and `bash` take it as one word. Plain words stay as they are. */
export function shellQuote(text: string): string {
  return BARE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
