/** One word of a shell command. */
export interface ShellWord {
  /** The word as it is written, with quotes. */
  readonly raw: string
  /** The word without quotes. */
  readonly text: string
}

/** Words that mean themselves in every shell. The empty word is not among them, since it would vanish. */
const BARE = /^[\w@%+=:,./-]+$/

/** Quotes `text`, whatever it contains, so that `sh` and `bash` take it as one word. Plain words stay as they are. */
export function shellQuote(text: string): string {
  return BARE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
