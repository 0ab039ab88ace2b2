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
export function renderInline(source: string): string {
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
