import { diffLines as compareLines } from 'diff'
import { html } from 'hono/html'
import { forPage } from '../../text/hidden-characters.ts'
import type { FileDiff } from '../../text/read-diff.ts'
import type { Html } from './layout.ts'

/** A piece of a line of code in one colour; '' is the normal colour of text. */
export interface CodePiece {
  readonly colour: string
  readonly text: string
}

export interface DiffLine {
  readonly kind: 'add' | 'delete' | 'context' | 'hunk' | 'note'
  /** The line with its sign: `+`, `-` or a space. */
  readonly text: string
  /** Number of the line in the new file; of a removed line, in the old one. */
  readonly number: number | undefined
  /** For a line that is in both files: its number in the old one. */
  readonly old?: number | undefined
  /** The text without its sign, in coloured pieces; absent without colours. */
  readonly pieces?: readonly CodePiece[] | undefined
}

/** The lines of a file as people read them, without colours. */
export function linesOf({ header, hunks, notes }: FileDiff): readonly DiffLine[] {
  return [...header.map(note), ...hunks.flatMap(hunkLines), ...notes.map(note)]
}

function hunkLines({ header, newStart, lines }: FileDiff['hunks'][number]): readonly DiffLine[] {
  let number = newStart
  let old = Number(/^@@ -(\d+)/.exec(header)?.[1] ?? newStart)
  const numbered = lines.map((text): DiffLine => {
    if (text.startsWith('-')) return { kind: 'delete', text, number: old++ }
    if (text.startsWith('\\')) return note(text)
    if (text.startsWith('+')) return { kind: 'add', text, number: number++ }
    return { kind: 'context', text, number: number++, old: old++ }
  })
  return [{ kind: 'hunk', text: header, number: undefined }, ...numbered]
}

function note(text: string): DiffLine {
  return { kind: 'note', text, number: undefined }
}

/** Draws lines in one column. The signs stay, for readers who do not see colours. */
export function unifiedLines(lines: readonly DiffLine[]): Html {
  return html`<pre class="diff" tabindex="0"><code>${lines.map((line) => lineView(line))}</code></pre>`
}

function lineView({ kind, text, number, pieces }: DiffLine): Html {
  const shown = pieces ? html`${text.slice(0, 1)}${coloured(pieces)}` : forPage(text)
  return html`<span class="${kind}"${number === undefined ? '' : html` data-n="${number}"`}>${shown}
</span>`
}

function coloured(pieces: readonly CodePiece[]): Html {
  return html`${pieces.map(({ colour, text }) => (colour === '' ? forPage(text) : html`<i class="${colour}">${forPage(text)}</i>`))}`
}

/** Draws lines in two columns, before and after. A replaced line is beside its replacement. */
export function splitLines(lines: readonly DiffLine[]): Html {
  return html`<pre class="diff split" tabindex="0"><code>${pairsOf(lines).map(
    ([before, after]) =>
      html`${before ? lineView(before.old === undefined ? before : { ...before, number: before.old }) : EMPTY}${after === undefined ? EMPTY : after === before && before.kind !== 'context' ? '' : lineView(after)}`,
  )}</code></pre>`
}

const EMPTY = html`<span class="none">
</span>`

type Pair = readonly [DiffLine | undefined, DiffLine | undefined]

function pairsOf(lines: readonly DiffLine[]): readonly Pair[] {
  const pairs: Pair[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) pairs.push([removed[at], added[at]])
    removed = []
    added = []
  }
  for (const line of lines) {
    if (line.kind === 'delete') {
      if (added.length > 0) flush()
      removed.push(line)
    } else if (line.kind === 'add') added.push(line)
    else {
      flush()
      pairs.push([line, line])
    }
  }
  flush()
  return pairs
}

/** Most changed lines for which the shortest diff is searched, because that takes quadratic time. */
const MAX_EDIT_LENGTH = 100

/** The diff of one edit of a tool. With `plain`, or for a large edit, all old lines are deleted and all new lines added. */
export function comparedLines(oldText: string, newText: string, plain: boolean): readonly DiffLine[] {
  const found = plain ? undefined : compareLines(oldText, newText, { maxEditLength: MAX_EDIT_LENGTH })
  const replaced = [
    { value: oldText, removed: true, added: false },
    { value: newText, removed: false, added: true },
  ]
  const parts = found ?? replaced.filter(({ value }) => value !== '')
  return parts.flatMap(({ value, added, removed }) => {
    const kind = added ? 'add' : removed ? 'delete' : 'context'
    const sign = added ? '+' : removed ? '-' : ' '
    const lines = value.replace(/\n$/, '').split('\n')
    return lines.map((line) => ({ kind, text: `${sign}${line}`, number: undefined }) satisfies DiffLine)
  })
}
