import { diffLines as compareLines } from 'diff'
import { html } from 'hono/html'
import type { RunEvent } from '../../runs/run-event.ts'
import type { DiffLine } from './diff-files.ts'
import { diffLines } from './diff-lines.ts'
import type { Html } from './layout.ts'
import { shownText } from './shown-text.ts'

type Detail = Extract<RunEvent, { type: 'tool.finished' }>['detail']

/** What a tool call did, below its title; undefined when the title says it all. */
export function toolDetail(detail: Detail): Html | undefined {
  switch (detail.kind) {
    case 'bash':
      return html`<pre class="block" tabindex="0"><code><b>$ ${shownText(detail.command)}</b>
${shownText(detail.output)}</code></pre>
        <p class="muted">exit code ${detail.exitCode}</p>`
    case 'read':
      return undefined
    case 'edit':
      return html`${detail.edits.map(({ oldText, newText }) => diffLines(compared(oldText, newText)))}`
    case 'write':
      return diffLines(compared('', detail.content))
    case 'search':
      return html`<p class="muted"><code>${shownText(detail.pattern)}</code>: ${detail.matches}
        ${detail.matches === 1 ? 'match' : 'matches'}</p>`
    case 'other':
      return detail.text.trim() === ''
        ? undefined
        : html`<pre class="block" tabindex="0"><code>${shownText(detail.text)}</code></pre>`
    default:
      return unreachable(detail)
  }
}

function compared(oldText: string, newText: string): readonly DiffLine[] {
  return compareLines(oldText, newText).flatMap(({ value, added, removed }) => {
    const kind = added ? 'add' : removed ? 'delete' : 'context'
    const sign = added ? '+' : removed ? '-' : ' '
    const lines = value.replace(/\n$/, '').split('\n')
    return lines.map((line) => ({ kind, text: `${sign}${line}`, number: undefined }) satisfies DiffLine)
  })
}

function unreachable(detail: never): never {
  throw new Error(`unknown tool detail ${JSON.stringify(detail)}`)
}
