import { html } from 'hono/html'
import type { DiffLine } from './diff-files.ts'
import type { Html } from './layout.ts'
import { shownText } from './shown-text.ts'

/** Lines of a diff, coloured; the signs stay, for those who do not see colours. */
export function diffLines(lines: readonly DiffLine[]): Html {
  return html`<pre class="diff" tabindex="0"><code>${lines.map(
    ({ kind, text, number }) => html`<span class="${kind}" data-n="${number ?? ''}">${shownText(text)}
</span>`,
  )}</code></pre>`
}
