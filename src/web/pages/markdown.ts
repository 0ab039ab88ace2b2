import { html } from 'hono/html'
import type { ListItem, Nodes, Table, TableRow } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { forPage } from '../../text/hidden-characters.ts'
import { link } from './elements.ts'
import type { Html } from './layout.ts'

/** Formats text that an agent wrote. */
export type Prose = (text: string) => Html

/** The formatter of one page. Text that is too complex, or that exceeds the limit of the page, is shown unformatted. */
export function createProse(plain: boolean): Prose {
  let left = plain ? 0 : MAX_MARKS_ON_PAGE
  return (text) => {
    const marks = left > 0 ? countMarks(text) : undefined
    left -= marks ?? 0
    return marks === undefined
      ? html`<pre class="block prose" tabindex="0">${forPage(text)}</pre>`
      : markdown(text)
  }
}

/**
 * Draws GitHub's Markdown. Only structure is kept: raw HTML is shown as text, images become links, and the page fetches
 * nothing.
 */
function markdown(text: string): Html {
  return html`<div class="markdown">${children(parse(text))}</div>`
}

/** The limits of one text are far above what people and models write. */
const MAX_MARKS = 2_000
/** List items, table rows, headings and their underlines, which cost the most to parse. */
const MAX_BLOCKS = 600
const MAX_LINES = 3_000
const MAX_NESTING = 50
const MAX_MARKS_ON_PAGE = 20_000

/**
 * Counts what makes a text expensive: the parser takes time quadratic in the marks of a text, and fails when quotations
 * are nested thousands deep.
 *
 * @returns undefined for text that is too complex to parse.
 */
function countMarks(text: string): number | undefined {
  const marks = count(text, /[*_~[\]<>\\&|@]|`+|:\/\/|www\./g)
  const blocks = count(text, /^[ \t]*(?:[-+*>#=|~]|`{3}|\d{1,9}[.)])|\|[ \t]*:?-/gm)
  const lines = count(text, /\r?\n|\r/g)
  const isDeep = new RegExp(`^(?:[ \\t]*(?:>|[-*+]|\\d{1,9}[.)])){${MAX_NESTING}}`, 'm').test(text)
  if (marks > MAX_MARKS || blocks > MAX_BLOCKS || lines > MAX_LINES || isDeep) return undefined
  return marks + blocks + lines
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}

function parse(text: string): Nodes {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
}

function children(node: Nodes): Html[] {
  return 'children' in node ? node.children.map((child) => element(child)) : []
}

function element(node: Nodes): Html {
  switch (node.type) {
    case 'paragraph':
      return html`<p>${children(node)}</p>`
    case 'heading':
      // Only the page has real headings, so that an agent's text cannot pass for a part of the page.
      return html`<p class="heading"><strong>${children(node)}</strong></p>`
    case 'list':
      return node.ordered ? html`<ol>${children(node)}</ol>` : html`<ul>${children(node)}</ul>`
    case 'listItem':
      return listItem(node)
    case 'blockquote':
      return html`<blockquote>${children(node)}</blockquote>`
    case 'code':
      return html`<pre class="block" tabindex="0"><code>${forPage(node.value)}</code></pre>`
    case 'inlineCode':
      return html`<code>${forPage(node.value)}</code>`
    case 'strong':
      return html`<strong>${children(node)}</strong>`
    case 'emphasis':
      return html`<em>${children(node)}</em>`
    case 'delete':
      return html`<del>${children(node)}</del>`
    case 'table':
      return table(node)
    case 'footnoteReference':
      return html`<sup>${forPage(node.label ?? node.identifier)}</sup>`
    case 'link':
      return link(node.url, plainText(node))
    case 'image':
      return link(node.url, node.alt || node.url)
    case 'break':
      return html`<br>`
    case 'thematicBreak':
      return html`<hr>`
    case 'text':
    case 'html':
      return html`${forPage(node.value)}`
    default:
      return html`${children(node)}`
  }
}

/** A task's box is drawn as text, because ticking it would do nothing. */
function listItem(node: ListItem): Html {
  if (typeof node.checked !== 'boolean') return html`<li>${children(node)}</li>`
  return html`<li class="task"><span aria-label="${node.checked ? 'done' : 'to do'}">${node.checked ? '☑' : '☐'}</span>${children(node)}</li>`
}

function table({ children: [head, ...rows] }: Table): Html {
  if (!head) return html``
  return html`<div class="table"><table><thead><tr>${cells(head, 'th')}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${cells(row, 'td')}</tr>`)}</tbody></table></div>`
}

function cells(row: TableRow, kind: 'th' | 'td'): Html[] {
  return row.children.map((cell) =>
    kind === 'th' ? html`<th>${children(cell)}</th>` : html`<td>${children(cell)}</td>`,
  )
}

function plainText(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map((child) => plainText(child)).join('') : ''
}
