import { forMarkdown } from '../hidden-characters.ts'
import { SPLIT, withoutCommandWords } from './outbound-commands.ts'
import { withoutForeignLinks } from './outbound-links.ts'

export interface OutboundOptions {
  /** `owner/name`. References to issues of other repositories would notify the people there. */
  readonly repository: string
  /** Logins that may be mentioned, such as the requester's. */
  readonly mayMention?: readonly string[]
  /** Hosts that links may lead to besides GitHub's; see `withoutForeignLinks`. */
  readonly linkHosts?: readonly string[]
}

/** GitHub links `www.` without a scheme, and `//` in the address of a link. */
const ISSUE_URL =
  /((?:https?:)?\/\/(?:[\w.:-]{1,60}@)?|(?<![\w./@-])(?=www\.))(?:www\.)?github\.com(?::\d{1,5})?\/{1,3}([\w.-]+\/[\w.-]+)\/(?=(?:issues|pulls?|discussions)\/\d)/gi

/** Commands that workflows search for anywhere in a comment: `contains(github.event.comment.body, '/deploy')`. */
const WORKFLOW_WORDS =
  /(?<![\w./:!-])[/!](?=(?:approve|build|deploy|lgtm|merge|ok-to-test|promote|publish|rebase|release|rerun|retest|review|rollback|run|ship|test)(?![\w/.-]))/gi

/**
 * Removes the effects of a text that a model or an outsider wrote and that is not code: it notifies no one, closes
 * nothing, skips no CI, commands no bot, and links only to allowed hosts. A reader sees no difference.
 */
export function withoutEffects(text: string, options: OutboundOptions): string {
  const quiet = withoutCommandWords(withoutMentions(decodeHidden(text), options.mayMention ?? []), false)
    .replace(/(?<![\w.-])([\w.-]+\/[\w.-]+)#(?=\d)/g, (whole, repository: string) =>
      sameName(repository, options.repository) ? whole : `${repository}#${SPLIT}`,
    )
    // Renovate and Dependabot link like this, too: the redirect leaves no "mentioned this" in the other thread.
    .replace(ISSUE_URL, (whole, scheme: string, repository: string) =>
      sameName(repository, options.repository) ? whole : `${scheme}redirect.github.com/${repository}/`,
    )
  return withoutForeignLinks(quiet, options.linkHosts ?? [])
}

/**
 * Like `withoutEffects`, and also removes what only Markdown can do: raw HTML, comments, remote images, boxes,
 * formulas, and definitions of links and footnotes, which affect the whole document. Commands to other GitHub Apps no
 * longer begin a line.
 */
export function withoutMarkup(text: string, options: OutboundOptions): string {
  // Decoding comes first: text that a reference spells, or hides between a slash and a word, must be treated like any
  // other.
  const plain = decodeHidden(text)
    .replace(/<(https?:\/\/[^\s<>]+)>/g, '$1')
    .replace(/\\?<(?=[A-Za-z/!?])/g, '&lt;')
    .replace(/!\[([^[\]\n]*)\]\(\s*(https?:\/\/[^\s()<>]+)\s*\)/g, '[image: $1]($2)')
    .replace(/!(?=\[)/g, '!\\')
    .replace(/\[(?=!)|\](?=:)|\$(?=\$)/g, (mark) => `${mark}${SPLIT}`)
    .replace(/^([ \t]*)([/!])(?=[A-Za-z][\w-]*(?![\w/.-]))/gm, `$1$2${SPLIT}`)
    .replace(WORKFLOW_WORDS, `$&${SPLIT}`)
    .replace(/^([ \t]*)([/.])(?=[A-Za-z])/gm, '$1\\$2')
  return withoutEffects(plain, options)
}

function withoutMentions(text: string, mayMention: readonly string[]): string {
  return text.replace(
    /(?<![A-Za-z0-9])@(?![\s\u200b]|\*+(?:\s|$)|$)(?:([\w-]+)(?=[\s.,;:!?)*]|$))?/g,
    (whole, name: string | undefined) => {
      const allowed = name !== undefined && mayMention.some((login) => sameName(login, name))
      return allowed ? whole : `@${SPLIT}${name ?? ''}`
    },
  )
}

/** Decoding may produce another reference: `&#&#54;4;`. */
const MOST_DECODINGS = 3

/** Decodes character references that spell a mention, a keyword or an address. Others have no effect and stay. */
function decodeHidden(text: string): string {
  let decoded = text
  for (let pass = 0; pass < MOST_DECODINGS; pass++) {
    const last = decoded
    decoded = decodeOnce(last)
    if (decoded === last) return decoded
  }
  return decodeOnce(decoded) === decoded
    ? decoded
    : decoded.replace(/&(?=#|commat;|num;|colon;|sol;|period;)/g, '&amp;')
}

const NAMED: Readonly<Record<string, string>> = {
  '&commat;': '@',
  '&num;': '#',
  '&colon;': ':',
  '&sol;': '/',
  '&period;': '.',
}

function decodeOnce(text: string): string {
  return text.replace(
    /&(?:(commat|num|colon|sol|period)|#(?:x([0-9a-f]{1,6})|([0-9]{1,7})));/gi,
    (whole, name?: string, hex?: string, decimal?: string) => {
      if (name !== undefined) return NAMED[whole] ?? whole
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      if (code > 0x10ffff) return whole
      const char = String.fromCodePoint(code)
      if (/[A-Za-z0-9@#:/.]/.test(char)) return char
      return forMarkdown(char) === '' ? '' : whole
    },
  )
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
