interface Cursor {
  readonly lines: readonly string[]
  at: number
}

const FENCE = /^ {0,3}(`{3,}|~{3,}) *([\w+-]*)/
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +(.*)$/
const HTML_LINE = /^ {0,3}<\/?(details|summary|p|ul|ol|li|blockquote|hr|br|sub|pre)[ />]/i

/** Renders the Markdown that people and Apps write in issues and pull requests, and nothing that could run. */
export function renderMarkdown(source: string): string {
  const withoutComments = source.replaceAll('\r\n', '\n').replace(/<!--[\s\S]*?(-->|$)/g, '')
  return blocks({ lines: withoutComments.split('\n'), at: 0 }).join('\n')
}

function blocks(cursor: Cursor): string[] {
  const html: string[] = []
  while (cursor.at < cursor.lines.length) {
    const line = cursor.lines[cursor.at] ?? ''
    if (line.trim() === '') cursor.at++
    else html.push(block(cursor, line))
  }
  return html
}

function block(cursor: Cursor, line: string): string {
  if (FENCE.test(line)) return fence(cursor, line)
  const heading = /^ {0,3}(#{1,6}) +(.*?) *#*$/.exec(line)
  if (heading) {
    cursor.at++
    const level = heading[1]?.length ?? 1
    return `<h${level}>${renderInline(heading[2] ?? '')}</h${level}>`
  }
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) {
    cursor.at++
    return '<hr>'
  }
  if (/^ {0,3}>/.test(line)) return quote(cursor)
  if (ITEM.test(line)) return list(cursor)
  if (line.includes('|') && /^ *\|?[ :|-]*-[ :|-]*$/.test(cursor.lines[cursor.at + 1] ?? ''))
    return table(cursor)
  if (HTML_LINE.test(line)) {
    cursor.at++
    return renderInline(line.replace(/<(details)[^>]*\bopen\b[^>]*>/i, '<$1>'))
  }
  return paragraph(cursor)
}

function fence(cursor: Cursor, line: string): string {
  const [, mark = '```', language = ''] = FENCE.exec(line) ?? []
  const code: string[] = []
  cursor.at++
  while (cursor.at < cursor.lines.length) {
    const next = cursor.lines[cursor.at++] ?? ''
    if (next.trim().startsWith(mark) && next.trim().replaceAll(mark.charAt(0), '') === '') break
    code.push(next)
  }
  if (language === 'diff')
    return `<pre class="diff-block"><code>${code.map(diffLine).join('\n')}</code></pre>`
  return `<pre><code>${escapeHtml(code.join('\n'))}</code></pre>`
}

function diffLine(line: string): string {
  const kind = line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : undefined
  return kind === undefined ? escapeHtml(line) : `<span class="${kind}">${escapeHtml(line)}</span>`
}

function quote(cursor: Cursor): string {
  const inner: string[] = []
  while (/^ {0,3}>/.test(cursor.lines[cursor.at] ?? '')) {
    inner.push((cursor.lines[cursor.at++] ?? '').replace(/^ {0,3}> ?/, ''))
  }
  return `<blockquote>${blocks({ lines: inner, at: 0 }).join('\n')}</blockquote>`
}

function list(cursor: Cursor): string {
  const [, indent = '', mark = '-'] = ITEM.exec(cursor.lines[cursor.at] ?? '') ?? []
  const ordered = /\d/.test(mark)
  const items: string[] = []
  while (cursor.at < cursor.lines.length) {
    const match = ITEM.exec(cursor.lines[cursor.at] ?? '')
    if (!match || (match[1] ?? '').length !== indent.length || /\d/.test(match[2] ?? '') !== ordered) break
    cursor.at++
    items.push(item(match[3] ?? '', continuation(cursor, indent.length)))
  }
  const tag = ordered ? 'ol' : 'ul'
  return `<${tag}>${items.join('')}</${tag}>`
}

/** The lines that belong to an item: those indented more than it. */
function continuation(cursor: Cursor, indent: number): string[] {
  const lines: string[] = []
  while (cursor.at < cursor.lines.length) {
    const line = cursor.lines[cursor.at] ?? ''
    const next = cursor.lines[cursor.at + 1] ?? ''
    const deeper = line.length - line.trimStart().length > indent
    const gap = line.trim() === '' && next.length - next.trimStart().length > indent
    if (!gap && (line.trim() === '' || !deeper)) break
    lines.push(line)
    cursor.at++
  }
  const shift = Math.min(
    ...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length),
  )
  return lines.map((line) => line.slice(Number.isFinite(shift) ? shift : 0))
}

function item(text: string, rest: readonly string[]): string {
  const inner = rest.length === 0 ? '' : blocks({ lines: rest, at: 0 }).join('\n')
  const box = /^\[([ xX])\] +(.*)$/s.exec(text)
  if (!box) return `<li>${renderInline(text)}${inner}</li>`
  const state = box[1] === ' ' ? '' : ' checked'
  return `<li class="task"><input type="checkbox" disabled${state}> ${renderInline(box[2] ?? '')}${inner}</li>`
}

function table(cursor: Cursor): string {
  const head = cells(cursor.lines[cursor.at] ?? '')
  cursor.at += 2
  const rows: string[][] = []
  while ((cursor.lines[cursor.at] ?? '').includes('|')) rows.push(cells(cursor.lines[cursor.at++] ?? ''))
  const row = (tag: string, values: readonly string[]) =>
    `<tr>${head.map((_, index) => `<${tag}>${renderInline(values[index] ?? '')}</${tag}>`).join('')}</tr>`
  const body = rows.map((values) => row('td', values)).join('')
  return `<div class="scroll"><table><thead>${row('th', head)}</thead><tbody>${body}</tbody></table></div>`
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}

function paragraph(cursor: Cursor): string {
  const lines: string[] = []
  while (cursor.at < cursor.lines.length) {
    const line = cursor.lines[cursor.at] ?? ''
    const starts =
      FENCE.test(line) || /^ {0,3}(#{1,6} |>)/.test(line) || ITEM.test(line) || HTML_LINE.test(line)
    if (line.trim() === '' || (lines.length > 0 && starts)) break
    lines.push(line)
    cursor.at++
  }
  // In comments GitHub keeps line ends, unlike in files.
  return `<p>${renderInline(lines.join('\n')).replaceAll('\n', '<br>\n')}</p>`
}

/** Escapes text for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Tags that comments and pull requests may use themselves; they pass without attributes. */
const PLAIN_TAGS =
  /&lt;(\/?(?:sub|sup|kbd|b|i|strong|em|code|br|details|summary|p|ul|ol|li|pre|blockquote|hr) ?\/?)&gt;/gi

/** Renders Markdown inside one block. Everything is escaped first, so nothing but the tags made here gets through. */
function renderInline(source: string): string {
  const kept: string[] = []
  // What must not be formatted again is put aside under a mark from the private use area.
  const keep = (html: string) => `\ue000${kept.push(html) - 1}\ue000`
  const withoutMarks = source.replaceAll('\ue000', '').replace(/<!--[\s\S]*?(-->|$)/g, '')
  const withCode = withoutMarks.replace(/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, (_, __, code: string) =>
    keep(`<code>${escapeHtml(code.replace(/^ (.*) $/s, '$1'))}</code>`),
  )
  const withLinks = escapeHtml(withCode)
    .replace(
      /!?\[([^\]]*)\]\(([^()\s]+(?:\([^()\s]*\))?)(?: &quot;[^)]*&quot;)?\)/g,
      (whole, text: string, url: string) =>
        isSafe(url) ? `${keep(`<a href="${url}">`)}${text || url}${keep('</a>')}` : whole,
    )
    .replace(
      /(^|[\s(])(https?:\/\/[^\s<>()\ue000]+[^\s<>()\ue000.,:;!?'])/g,
      (_, before: string, url: string) => `${before}${keep(`<a href="${url}">${url}</a>`)}`,
    )
  const withNumbers = withLinks.replace(
    /(^|[\s(])#(\d{1,9})\b/g,
    (_, before: string, number: string) => `${before}${keep(`<a href="../issues/${number}">#${number}</a>`)}`,
  )
  return restore(emphasise(withNumbers).replace(PLAIN_TAGS, '<$1>'), kept)
}

function emphasise(text: string): string {
  return text
    .replace(/\*\*(\S(?:[\s\S]*?\S)?)\*\*/g, '<strong>$1</strong>')
    .replace(/(^|[^\w*])\*(\S(?:[^*]*?\S)?)\*(?!\w)/g, '$1<em>$2</em>')
    .replace(/(^|[^\w])_(\S(?:[^_]*?\S)?)_(?!\w)/g, '$1<em>$2</em>')
    .replace(/~~(\S(?:[\s\S]*?\S)?)~~/g, '<del>$1</del>')
    .replace(/(^|[\s(])@([A-Za-z0-9][\w-]*)/g, '$1<span class="mention">@$2</span>')
    .replace(/ {2,}\n|\\\n/g, '<br>\n')
}

function restore(text: string, kept: readonly string[]): string {
  return text.replace(/\ue000(\d+)\ue000/g, (_, index: string) => kept[Number(index)] ?? '')
}

function isSafe(url: string): boolean {
  return (
    /^(https?:\/\/|mailto:|\/(?!\/)|#|\.{0,2}\/?[\w-]+)/i.test(url) &&
    !/^(javascript|data|vbscript):/i.test(url)
  )
}
