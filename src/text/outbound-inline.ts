import { forMarkdown } from './hidden-characters.ts'

/** Zero-width space: splits a word for GitHub's filters, and shows nothing. */
const SPLIT = '\u200b'

export interface OutboundOptions {
  /** `owner/name`: references to issues of other repositories would notify their people. */
  readonly repository: string
  /** Logins that may be mentioned: the requester. */
  readonly mayMention?: readonly string[]
}

const CLOSING_KEYWORD =
  /(?<![A-Za-z0-9])(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=(?:&[a-z0-9#]{1,10};|[^A-Za-z0-9]){1,20}(?:#\d|GH-\d|[\w.-]+\/[\w.-]+#\d|https?:\/\/\S+\/(?:issues|pulls?|discussions)\/\d))/gi
const ISSUE_URL =
  /(https?:\/\/)(?:www\.)?github\.com\/([\w.-]+\/[\w.-]+)\/(?=(?:issues|pulls?|discussions)\/\d)/gi
const SKIP_CI = /\[(skip|ci|no|actions)(?= (?:skip|ci|actions)\])|\*\*\*(NO_CI)(?=\*\*\*)/gi
const TRAILER =
  /^(\s*(?:co-authored-by|signed-off-by|acked-by|reviewed-by|on-behalf-of|skip-checks|backspace-run))(?=:)/gim

/**
 * Removes the effects of text that a model or an outsider wrote and that is not code: it notifies no one, closes
 * nothing and skips no CI. A reader sees no difference.
 */
export function withoutEffects(text: string, options: OutboundOptions): string {
  return (
    withoutMentions(decodeHidden(text), options.mayMention ?? [])
      .replace(CLOSING_KEYWORD, (word) => `${word.slice(0, 1)}${SPLIT}${word.slice(1)}`)
      .replace(/(?<![\w.-])([\w.-]+\/[\w.-]+)#(?=\d)/g, (whole, repository: string) =>
        sameName(repository, options.repository) ? whole : `${repository}#${SPLIT}`,
      )
      // Renovate and Dependabot link the same way: the redirect leaves no "mentioned this" in the other thread.
      .replace(ISSUE_URL, (whole, scheme: string, repository: string) =>
        sameName(repository, options.repository) ? whole : `${scheme}redirect.github.com/${repository}/`,
      )
      .replace(SKIP_CI, (word) => `${word}${SPLIT}`)
      .replace(TRAILER, `$1${SPLIT}`)
  )
}

/** Also removes what only Markdown can do: raw HTML, comments, remote images, commands to other GitHub Apps. */
export function withoutMarkup(text: string, options: OutboundOptions): string {
  const plain = text
    .replace(/<(https?:\/\/[^\s<>]+)>/g, '$1')
    .replace(/\\?<(?=[A-Za-z/!?])/g, '&lt;')
    .replace(/!\[([^[\]\n]*)\]\(\s*(https?:\/\/[^\s()<>]+)\s*\)/g, '[image: $1]($2)')
    .replace(/!(?=\[)/g, '!\\')
    .replace(/^([ \t]*)\/(?=[A-Za-z])/gm, '$1\\/')
  return withoutEffects(plain, options)
}

function withoutMentions(text: string, mayMention: readonly string[]): string {
  return text.replace(
    /(?<![A-Za-z0-9])@(?![\s\u200b]|$)(?:([\w-]+)(?=[\s.,;:!?)]|$))?/g,
    (whole, name: string | undefined) => {
      const allowed = name !== undefined && mayMention.some((login) => sameName(login, name))
      return allowed ? whole : `@${SPLIT}${name ?? ''}`
    },
  )
}

/** Character references that spell a mention or a keyword; others cannot have an effect and stay. */
function decodeHidden(text: string): string {
  return text
    .replace(/&commat;/g, '@')
    .replace(/&num;/g, '#')
    .replace(/&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/gi, (whole, hex?: string, decimal?: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      if (code > 0x10ffff) return whole
      const char = String.fromCodePoint(code)
      if (/[A-Za-z0-9@#]/.test(char)) return char
      return forMarkdown(char) === '' ? '' : whole
    })
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
