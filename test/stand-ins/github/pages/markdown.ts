import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

/** Tags that comments and pull requests may use themselves; they pass without attributes. */
const PLAIN_TAGS =
  /&lt;(\/?(?:sub|sup|kbd|b|i|strong|em|code|br|details|summary|p|ul|ol|li|pre|blockquote|hr) ?\/?)&gt;/gi

/** What is a link or code, any tag, and a number or a login that is in neither. */
const MENTIONS = /<(code|a)\b[\s\S]*?<\/\1>|<[^>]*>|(?<=^|[\s(>])(?:#(\d{1,9})|@([a-z\d][\w-]*))\b/gi

/** Renders the Markdown that people and Apps write in issues and pull requests, and nothing that could run. */
export function renderMarkdown(source: string): string {
  const html = micromark(source.replace(/<!--[\s\S]*?(-->|$)/g, ''), {
    // Images are links: nothing is loaded from elsewhere.
    extensions: [gfm(), { disable: { null: ['labelStartImage'] } }],
    htmlExtensions: [
      gfmHtml(),
      {
        exit: {
          htmlFlowData(token) {
            this.raw(withPlainTags(this.encode(this.sliceSerialize(token))))
          },
          htmlTextData(token) {
            this.raw(withPlainTags(this.encode(this.sliceSerialize(token))))
          },
          // The page breaks every line of a comment, as GitHub does, so that these would break it twice.
          hardBreakEscape: () => undefined,
          hardBreakTrailing: () => undefined,
        },
      },
    ],
  })
  return html.replace(MENTIONS, (whole, _, number?: string, login?: string) => {
    if (number) return `<a href="../issues/${number}">#${number}</a>`
    return login ? `<span class="mention">@${login}</span>` : whole
  })
}

function withPlainTags(escaped: string): string {
  return escaped.replace(/&lt;details open&gt;/gi, '<details>').replace(PLAIN_TAGS, '<$1>')
}
