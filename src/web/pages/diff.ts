import { html } from 'hono/html'
import type { RunState } from '../../runs/summary/run-state.ts'
import { sentenceOf } from '../../runs/summary/sentences.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { changedLines, type FileDiff, readDiff } from '../../text/read-diff.ts'
import type { RunView } from '../run-view.ts'
import type { Html } from './layout.ts'

interface DiffFile {
  readonly path: string
  readonly lines: readonly DiffLine[]
  readonly additions: number
  readonly deletions: number
}

export interface DiffLine {
  readonly kind: 'add' | 'delete' | 'context' | 'hunk' | 'note'
  /** With its sign. */
  readonly text: string
  /** Number of the line in the new file, for lines that it contains. */
  readonly number: number | undefined
}

/** The files of a unified diff with their lines, as the page shows them. A diff that was cut off gives what is left. */
export function diffFiles(diff: string): readonly DiffFile[] {
  return readDiff(diff).map((file) => {
    const lines = [...file.header.map(note), ...file.hunks.flatMap(hunkLines), ...file.notes.map(note)]
    return {
      path: file.path,
      lines,
      additions: changedLines([file], '+').length,
      deletions: changedLines([file], '-').length,
    }
  })
}

function hunkLines({ header, newStart, lines }: FileDiff['hunks'][number]): readonly DiffLine[] {
  let number = newStart
  const numbered = lines.map((text): DiffLine => {
    if (text.startsWith('-')) return { kind: 'delete', text, number: undefined }
    if (text.startsWith('\\')) return note(text)
    return { kind: text.startsWith('+') ? 'add' : 'context', text, number: number++ }
  })
  return [{ kind: 'hunk', text: header, number: undefined }, ...numbered]
}

function note(text: string): DiffLine {
  return { kind: 'note', text, number: undefined }
}

/** Lines of a diff, coloured; the signs stay, for those who do not see colours. */
export function diffLines(lines: readonly DiffLine[]): Html {
  return html`<pre class="diff" tabindex="0"><code>${lines.map(
    ({ kind, text, number }) => html`<span class="${kind}" data-n="${number ?? ''}">${forPage(text)}
</span>`,
  )}</code></pre>`
}

/** Lines of diff on the page; the whole is one click away. */
const SHOWN_LINES = 3000
/** Larger files start folded. */
const UNFOLDED_LINES = 400

/** What the agent changed. */
export function changesPart({ id }: RunView, { changes }: RunState): Html {
  if (!changes) return html`<section id="part-changes" data-version="0"></section>`
  const files = diffFiles(changes.diff)
  const listed = new Set(files.map(({ path }) => path))
  const { shown, hidden } = bounded(files)
  const unlisted = changes.files.filter(({ path }) => !listed.has(path))
  return html`<section id="part-changes" data-version="${changes.seq}" class="card">
    <div class="card-head"><h2>Changes</h2>
      <p class="muted">${sentenceOf(changes)} · <a href="/runs/${id}/diff">plain diff</a></p></div>
    ${shown.map(fileView)}
    ${unlisted.map(({ path, status }) => html`<p class="file-note"><code>${forPage(path)}</code> ${status}</p>`)}
    ${hidden > 0 ? html`<p class="muted">${hidden} more files are in the <a href="/runs/${id}/diff">plain diff</a>.</p>` : ''}
  </section>`
}

function fileView(file: DiffFile, index: number): Html {
  return html`<details class="file" id="file-${index}" ${file.lines.length <= UNFOLDED_LINES ? 'open' : ''}>
    <summary><code>${forPage(file.path)}</code> ${sizeOf(file)}</summary>
    ${diffLines(file.lines)}
  </details>`
}

/** Lines of a diff's header, and what they say of a file. */
const NOTES = [
  ['rename from ', 'renamed'],
  ['old mode ', 'mode changed'],
  ['new file ', 'empty file added'],
  ['deleted file ', 'empty file deleted'],
  ['Binary ', 'binary'],
] as const

/** A file may change without a line of it changing. */
function sizeOf({ lines, additions, deletions }: DiffFile): Html {
  if (additions > 0 || deletions > 0) {
    return html`<span class="plus">+${additions}</span> <span class="minus">−${deletions}</span>`
  }
  const has = (start: string) => lines.some(({ kind, text }) => kind === 'note' && text.startsWith(start))
  const facts = NOTES.filter(([start]) => has(start)).map(([, fact]) => fact)
  return html`<span class="muted">${facts.join(', ') || 'no lines changed'}</span>`
}

function bounded(files: readonly DiffFile[]): {
  readonly shown: readonly DiffFile[]
  readonly hidden: number
} {
  let lines = 0
  const shown = files.filter((file, index) => {
    lines += file.lines.length
    return index === 0 || lines <= SHOWN_LINES
  })
  return {
    shown: shown.map((file) => ({ ...file, lines: file.lines.slice(0, SHOWN_LINES) })),
    hidden: files.length - shown.length,
  }
}
