import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { ChangesCollectedEvent } from '../../runs/run-event.ts'
import { sentenceOf } from '../../runs/summary/sentences.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { changedLines, type FileDiff, readDiff, splitDiff } from '../../text/read-diff.ts'
import type { ColourLines } from './code-colours.ts'
import { type DiffLine, linesOf, splitLines, unifiedLines } from './diff-lines.ts'
import type { Html } from './layout.ts'
import { countNodes } from './node-budget.ts'

interface DiffFile {
  readonly path: string
  /** Its earlier path, if it was moved. */
  readonly movedFrom: string | undefined
  readonly lines: readonly DiffLine[]
  readonly additions: number
  readonly deletions: number
  /** What changed besides lines: `binary`, `mode 100644 → 100755`. */
  readonly facts: readonly string[]
  /** Hash of its diff. The reader's tick “Viewed” is stored with it, so the tick is gone when the diff changes. */
  readonly mark: string
}

/** The files of a unified diff with their lines, as the page shows them. A truncated diff gives the files that it still has. */
export function diffFiles(diff: string): readonly DiffFile[] {
  return splitDiff(diff).flatMap((text) =>
    readDiff(text).map((file) => ({
      path: file.path,
      movedFrom: /^rename from (.+)$/m.exec(file.header.join('\n'))?.[1],
      lines: linesOf(file),
      additions: changedLines([file], '+').length,
      deletions: changedLines([file], '-').length,
      facts: factsOf(file),
      mark: createHash('sha256').update(text).digest('hex').slice(0, 12),
    })),
  )
}

/** Starts of lines in a diff's header, and the fact that each tells about the file. */
const NOTES = [
  ['rename from ', 'renamed'],
  ['copy from ', 'copied'],
  ['new file ', 'new'],
  ['deleted file ', 'deleted'],
] as const

function factsOf({ header, hunks, binary }: FileDiff): readonly string[] {
  const facts: string[] = NOTES.filter(([start]) => header.some((line) => line.startsWith(start))).map(
    ([, fact]) => fact,
  )
  const mode = (name: string) => header.find((line) => line.startsWith(`${name} mode `))?.split(' ')[2]
  const [old, now] = [mode('old'), mode('new')]
  if (old !== undefined && now !== undefined) facts.push(`mode changed ${old} → ${now}`)
  if (binary || header.some((line) => line.startsWith('Binary '))) facts.push('binary')
  else if (hunks.length === 0 && facts.length > 0 && old === undefined) facts.push('no lines changed')
  return facts
}

export interface ChangesView {
  /** Address of the run's page. */
  readonly page: string
  readonly split: boolean
  /** Index of the file that is shown whole, whatever its size. */
  readonly file?: number | undefined
  /** Undefined to show no colours. */
  readonly colours: ColourLines | undefined
}

/** Most elements in the diffs of a new page. Files beyond that are loaded when the reader scrolls to them. */
const MOST_NODES = 400
const MOST_CHARACTERS = 70_000
/** Files with more lines start folded. */
const UNFOLDED_LINES = 200
/** Files that are listed on the page. */
const MOST_FILES = 60

/** The changed files, with their diffs as far as these fit. */
export function changesPart(
  changes: ChangesCollectedEvent & { readonly seq: number },
  view: ChangesView,
): Html {
  const files = diffFiles(changes.diff)
  const listed = new Set(files.map(({ path }) => path))
  const unlisted = changes.files.filter(({ path }) => !listed.has(path)).slice(0, MOST_FILES)
  const { page, split, file: wanted } = view
  let nodes = MOST_NODES
  let characters = MOST_CHARACTERS
  const shown = files.slice(0, Math.max(MOST_FILES, (wanted ?? 0) + 1)).map((file, index) => {
    const isWanted = index === wanted
    const lines = isWanted || fits(file) ? drawLines(file, view) : undefined
    const cost = lines === undefined ? 0 : countNodes(lines)
    if (lines === undefined || (!isWanted && cost > nodes)) return fileView(file, { index, page, split })
    nodes -= cost
    characters -= lines.length
    return fileView(file, { index, page, split, lines })
  })
  function fits({ lines }: DiffFile): boolean {
    return lines.length <= Math.min(UNFOLDED_LINES, nodes) && lines.length * 40 < characters
  }
  const hidden = files.length - shown.length
  return html`<section id="part-changes" data-version="${changes.seq}-${split ? 'split' : 'unified'}" class="card changes" aria-labelledby="changes-title">
    <div class="card-head"><h2 id="changes-title">Changes</h2>
      <p class="muted"><span data-viewed-count></span>${sentenceOf(changes)} · ${viewLink(view)} · <a href="${page}/diff">plain diff</a></p></div>
    ${shown}
    ${unlisted.map(({ path, status }) => html`<p class="file-note"><code>${forPage(path)}</code> ${status}</p>`)}
    ${hidden > 0 ? html`<p class="muted">${hidden} more files are in the <a href="${page}/diff">plain diff</a>.</p>` : ''}
  </section>`
}

function viewLink({ page, split }: ChangesView): Html {
  return html`<a class="view-switch" href="${page}?view=${split ? 'unified' : 'split'}#part-changes">${split ? 'unified view' : 'split view'}</a>`
}

/** The lines of one file, for a page that loads them later; undefined if the diff has no such file. */
export function fileLines(
  diff: string,
  { index, split, colours }: { readonly index: number } & Pick<ChangesView, 'split' | 'colours'>,
): string | undefined {
  const file = diffFiles(diff)[index]
  return file && drawLines(file, { split, colours })
}

/** Most lines of one file that a page shows. */
const MOST_LINES = 3_000

function drawLines(file: DiffFile, { split, colours }: Pick<ChangesView, 'split' | 'colours'>): string {
  const lines = file.lines.slice(0, MOST_LINES)
  const left = file.lines.length - lines.length
  const coloured = colours ? colours(file.path, lines) : lines
  const rest = left > 0 ? html`<p class="muted more-lines">${left} more lines are in the plain diff.</p>` : ''
  return String(html`${split ? splitLines(coloured) : unifiedLines(coloured)}${rest}`)
}

function fileView(
  file: DiffFile,
  {
    index,
    page,
    split,
    lines,
  }: {
    readonly index: number
    readonly page: string
    readonly split: boolean
    readonly lines?: string | undefined
  },
): Html {
  const { path, movedFrom, mark } = file
  const view = split ? 'split' : 'unified'
  const head = html`<summary><code>${movedFrom === undefined || movedFrom === path ? '' : html`${forPage(movedFrom)} → `}${forPage(path)}</code> ${sizeOf(file)}</summary>`
  const label = html`<label class="viewed"><input type="checkbox" data-viewed="${mark}" aria-label="Viewed ${forPage(path)}">Viewed</label>`
  if (file.lines.length === 0)
    return html`<div class="file-row"><details class="file" id="file-${index}">${head}<p class="muted">No line changed.</p></details>${label}</div>`
  const content =
    lines === undefined
      ? html`<p class="loads"><a href="${page}?file=${index}&amp;view=${view}#file-${index}">Show ${file.lines.length} lines</a></p>`
      : raw(lines)
  return html`<div class="file-row"><details class="file" id="file-${index}"${lines === undefined ? html` data-load="${page}/files/${index}?view=${view}" data-lines="${file.lines.length}"` : html` open`}>
    ${head}${content}
  </details>${label}</div>`
}

function sizeOf({ additions, deletions, facts }: DiffFile): Html {
  const said = facts.length === 0 ? '' : html`<span class="muted">${facts.join(', ')}</span>`
  if (additions === 0 && deletions === 0)
    return facts.length === 0 ? html`<span class="muted">no lines changed</span>` : html`${said}`
  return html`<span class="plus">+${additions}</span> <span class="minus">−${deletions}</span> ${said}`
}
