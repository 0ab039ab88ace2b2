import { html, raw } from 'hono/html'
import type { FileDiff } from '../git/diff-files.ts'
import { escapeHtml } from './markdown-inline.ts'

/** The changed files of a pull request, coloured, each one foldable. */
export function diffView(files: readonly FileDiff[]) {
  return html`${files.map((file) => fileView(file))}`
}

function fileView(file: FileDiff) {
  const name = file.previousPath === undefined ? file.path : `${file.previousPath} → ${file.path}`
  return html`<details class="file" open>
    <summary>
      <span class="name">${name}</span>
      <span class="tag">${file.status}</span>
      <span class="counts"><b class="plus">+${file.additions}</b> <b class="minus">−${file.deletions}</b></span>
    </summary>
    ${
      file.patch === undefined
        ? html`<p class="quiet pad">No text to show: a binary file, or only its name or mode changed.</p>`
        : html`<div class="scroll"><table class="diff"><tbody>${raw(rows(file.patch))}</tbody></table></div>`
    }
  </details>`
}

function rows(patch: string): string {
  let old = 0
  let now = 0
  return patch
    .split('\n')
    .map((line) => {
      const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line)
      if (hunk) {
        old = Number(hunk[1])
        now = Number(hunk[2])
        return row({ kind: 'hunk', left: '', right: '', text: line })
      }
      if (line.startsWith('+')) return row({ kind: 'add', left: '', right: String(now++), text: line })
      if (line.startsWith('-')) return row({ kind: 'cut', left: String(old++), right: '', text: line })
      if (line.startsWith('\\')) return row({ kind: 'hunk', left: '', right: '', text: line })
      return row({ kind: 'same', left: String(old++), right: String(now++), text: line })
    })
    .join('')
}

interface Row {
  readonly kind: 'hunk' | 'add' | 'cut' | 'same'
  readonly left: string
  readonly right: string
  readonly text: string
}

function row({ kind, left, right, text }: Row): string {
  return `<tr class="${kind}"><td class="n">${left}</td><td class="n">${right}</td><td>${escapeHtml(text) || ' '}</td></tr>`
}
