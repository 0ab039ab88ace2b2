import { html } from 'hono/html'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import type { Html } from './layout.ts'
import { link } from './link.ts'
import { shownText } from './shown-text.ts'

/**
 * Markdown that models, people and the dummy agent wrote, as a page shows it. Only structure is kept: raw HTML is
 * shown as text, pictures become links, and nothing is fetched.
 */
export function markdown(text: string): Html {
  return html`<div class="markdown">${children(fromMarkdown(text))}</div>`
}

function children(node: Nodes): Html[] {
  return 'children' in node ? node.children.map((child) => element(child)) : []
}

function element(node: Nodes): Html {
  switch (node.type) {
    case 'paragraph':
      return html`<p>${children(node)}</p>`
    case 'heading':
      // The page has its own h1 and h2.
      return html`<h3>${children(node)}</h3>`
    case 'list':
      return node.ordered ? html`<ol>${children(node)}</ol>` : html`<ul>${children(node)}</ul>`
    case 'listItem':
      return html`<li>${children(node)}</li>`
    case 'blockquote':
      return html`<blockquote>${children(node)}</blockquote>`
    case 'code':
      return html`<pre class="block"><code>${shownText(node.value)}</code></pre>`
    case 'inlineCode':
      return html`<code>${shownText(node.value)}</code>`
    case 'strong':
      return html`<strong>${children(node)}</strong>`
    case 'emphasis':
      return html`<em>${children(node)}</em>`
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
      return html`${shownText(node.value)}`
    default:
      return html`${children(node)}`
  }
}

function plainText(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map((child) => plainText(child)).join('') : ''
}
