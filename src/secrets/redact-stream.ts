import { createFindKnown } from './known-values.ts'
import { findOpenKeyword } from './match-rules.ts'
import { matchSecrets } from './match-secrets.ts'
import { createRedact } from './redact.ts'

/** Masks text that arrives in chunks. It gives out masked text only, and holds back what could begin a secret. */
export interface RedactStream {
  readonly write: (chunk: string) => string
  /** The rest, masked. The stream can be used again. */
  readonly end: () => string
}

/** More than this is never held back: a private key is shorter, and so is every other secret. */
const MOST_HELD = 65_536
const GROWTH = 1.1
/** A secret that a word such as `token` or `curl` begins is not farther from it. */
const REACH = 1200
const WITH_CONTEXT = /\b(?:curl|kind:|data:)/
const BEGINS_KEY = /-{1,5}(?:B(?:E(?:G(?:I(?:N[ A-Z0-9_-]{0,120})?)?)?)?)?$/
const KEY_BEGUN = /-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/gi
const KEY_ENDED = /-----END[ A-Z0-9_-]{0,100}-----/i
/** So much after its first line shows whether a key follows. */
const KEY_SHOWS = 400
const WRAPPED_LINE = /^[A-Za-z0-9+/_-]{60,4000}\r?$/

/**
 * Gives the same text as `createRedact`, wherever the chunks are cut, and holds back the last word at least.
 *
 * @param values secrets known to this process, as for `createRedact`.
 */
export function createRedactStream(values: Iterable<string>): RedactStream {
  const all = [...values]
  const redact = createRedact(all)
  const findKnown = createFindKnown(all)
  const spaced = all.filter((value) => /\s/.test(value))
  let held = ''
  let due = 0

  return {
    write(chunk) {
      held += chunk
      if (held.length < due) return ''
      const open = openFrom(held, spaced)
      // A secret with spaces, such as a private key, is not cut in two.
      const cut = matchSecrets(held, findKnown).filter(({ start, end }) => start < open && open < end)
      const safe = Math.min(open, ...cut.map(({ start }) => start))
      const ready = held.slice(0, held.length - safe > MOST_HELD ? held.length : safe)
      held = held.slice(ready.length)
      // A long word in tiny chunks is looked at when it has grown, not every time.
      due = held.length * GROWTH
      return redact(ready)
    },
    end() {
      const rest = held
      held = ''
      due = 0
      return redact(rest)
    },
  }
}

/** Up to where no later text can change what is masked. */
function openFrom(text: string, spaced: readonly string[]): number {
  const from = Math.max(0, text.length - REACH)
  const tail = text.slice(from)
  const opens = [text.length, findOpenKeyword(tail), tail.search(WITH_CONTEXT), tail.search(BEGINS_KEY)]
  const open = Math.min(...opens.map((at, index) => (at === -1 || index === 0 ? text.length : from + at)))
  const begun = Math.min(open, openKey(text), ...spaced.map((value) => beginningOf(value, text)))
  return startOfWrapped(text, startOfWord(text, begun))
}

function startOfWord(text: string, from: number): number {
  let at = from
  while (at > 0 && !/\s/.test(text[at - 1] ?? '')) at--
  return at
}

/** A private key that has begun and not ended, if what follows its first line looks like one. */
function openKey(text: string): number {
  const begin = text.matchAll(KEY_BEGUN).toArray().at(-1)
  if (!begin) return text.length
  const body = text.slice(begin.index + begin[0].length)
  const isSentence = body.length > KEY_SHOWS && !/[A-Za-z0-9+/=]{40}/.test(body.slice(0, KEY_SHOWS))
  return KEY_ENDED.test(body) || isSentence ? text.length : begin.index
}

/** Where the text ends with the beginning of a value that has spaces in it. */
function beginningOf(value: string, text: string): number {
  const head = value.slice(0, 1)
  let at = text.indexOf(head, Math.max(0, text.length - value.length))
  while (at !== -1 && !value.startsWith(text.slice(at))) at = text.indexOf(head, at + 1)
  return at === -1 ? text.length : at
}

/** Base64 that is wrapped over lines is decoded as a whole. */
function startOfWrapped(text: string, from: number): number {
  let start = from
  for (;;) {
    const newline = start === 0 ? -1 : text.lastIndexOf('\n', start - 1)
    if (newline === -1 || text.slice(newline + 1, start).trim() !== '') return start
    const line = text.lastIndexOf('\n', newline - 1) + 1
    if (!WRAPPED_LINE.test(text.slice(line, newline))) return start
    start = line
  }
}
