import { html } from 'hono/html'
import type { RunState } from '../../runs/summary/run-state.ts'
import { sentenceOf } from '../../runs/summary/sentences.ts'
import { forPage } from '../../text/hidden-characters.ts'
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
  /** Number of the line in the new file, for lines that stand in it. */
  readonly number: number | undefined
}

interface Open {
  path: string
  lines: DiffLine[]
  hunks: number
}

/**
 * Splits a unified diff into files. Lines are counted as the hunk headers say, so a removed line that reads `-- a`
 * is not taken for a header. A diff that was cut off gives what is there.
 */
export function diffFiles(diff: string): readonly DiffFile[] {
  const files: Open[] = []
  let left = { old: 0, new: 0 }
  let number = 0
  const open = (path: string) => files.push({ path, lines: [], hunks: 0 })
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    const file = files.at(-1)
    const inHunk = left.old > 0 || left.new > 0
    if (file && inHunk && /^[ +-]|^$/.test(line)) {
      const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'delete' : 'context'
      file.lines.push({ kind, text: line, number: kind === 'delete' ? undefined : number })
      if (kind !== 'add') left = { ...left, old: left.old - 1 }
      if (kind !== 'delete') {
        left = { ...left, new: left.new - 1 }
        number += 1
      }
    } else if (line.startsWith('diff --git ')) {
      open(/ b\/(.*)$/.exec(line)?.[1] ?? line.slice(11))
    } else if (line.startsWith('--- ')) {
      if (!file || file.hunks > 0) open(pathOf(line))
    } else if (line.startsWith('+++ ')) {
      if (file && !line.startsWith('+++ /dev/null')) file.path = pathOf(line)
    } else if (file && line.startsWith('@@ ')) {
      const [, oldCount, start, newCount] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
      left = { old: Number(oldCount ?? 1), new: Number(newCount ?? 1) }
      number = Number(start ?? 1)
      file.hunks += 1
      file.lines.push({ kind: 'hunk', text: line, number: undefined })
    } else if (file && !/^(?:index |Index: |=+$)/.test(line)) {
      file.lines.push({ kind: 'note', text: line, number: undefined })
    }
  }
  return files.map(({ path, lines }) => ({
    path,
    lines,
    additions: lines.filter(({ kind }) => kind === 'add').length,
    deletions: lines.filter(({ kind }) => kind === 'delete').length,
  }))
}

function pathOf(header: string): string {
  return header
    .slice(4)
    .replace(/\t.*$/, '')
    .replace(/^[ab]\//, '')
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

/** A file may change without a line of it changing. */
function sizeOf({ lines, additions, deletions }: DiffFile): Html {
  if (additions > 0 || deletions > 0) {
    return html`<span class="plus">+${additions}</span> <span class="minus">−${deletions}</span>`
  }
  const has = (start: string) => lines.some(({ kind, text }) => kind === 'note' && text.startsWith(start))
  const facts = [
    ...(has('rename from ') ? ['renamed'] : []),
    ...(has('old mode ') ? ['mode changed'] : []),
    ...(has('new file ') ? ['empty file added'] : []),
    ...(has('deleted file ') ? ['empty file deleted'] : []),
    ...(has('Binary ') ? ['binary'] : []),
  ]
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
