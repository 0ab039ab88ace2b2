import { html } from 'hono/html'
import type { RunView } from '../run-view.ts'
import { type DiffFile, diffFiles } from './diff-files.ts'
import { diffLines } from './diff-lines.ts'
import type { Html } from './layout.ts'
import { shownText } from './shown-text.ts'
import type { RunSummary } from './summarize-run.ts'

/** Lines of diff on the page; the whole is one click away. */
const SHOWN_LINES = 3000
/** Larger files start folded. */
const UNFOLDED_LINES = 400

/** What the agent changed. */
export function changesPart({ run, summary }: { readonly run: RunView; readonly summary: RunSummary }): Html {
  const { changes } = summary
  if (!changes) return html`<section id="part-changes" data-version="0"></section>`
  const files = diffFiles(changes.diff)
  const { shown, hidden } = bounded(files)
  const added = changes.files.reduce((sum, file) => sum + file.additions, 0)
  const deleted = changes.files.reduce((sum, file) => sum + file.deletions, 0)
  const unlisted = changes.files.filter(({ path }) => !files.some((file) => file.path === path))
  return html`<section id="part-changes" data-version="${changes.seq}" class="card">
    <div class="card-head"><h2>Changes</h2>
      <p class="muted">${changes.files.length} ${changes.files.length === 1 ? 'file' : 'files'}
        <span class="plus">+${added}</span> <span class="minus">−${deleted}</span>
        · <a href="/runs/${run.id}/diff">plain diff</a></p></div>
    ${changes.files.length === 0 ? html`<p class="muted">Nothing was changed.</p>` : ''}
    ${shown.map(fileView)}
    ${unlisted.map(({ path, status }) => html`<p class="file-note"><code>${shownText(path)}</code> ${status}</p>`)}
    ${hidden > 0 ? html`<p class="muted">${hidden} more files are in the <a href="/runs/${run.id}/diff">plain diff</a>.</p>` : ''}
  </section>`
}

function fileView(file: DiffFile, index: number): Html {
  return html`<details class="file" id="file-${index}" ${file.lines.length <= UNFOLDED_LINES ? 'open' : ''}>
    <summary><code>${shownText(file.path)}</code>
      <span class="plus">+${file.additions}</span> <span class="minus">−${file.deletions}</span></summary>
    ${diffLines(file.lines)}
  </details>`
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
