import { SPLIT } from './outbound-commands.ts'

/** GitHub's own sites, where readers are anyway. */
const ALWAYS = ['github.com', '*.github.com']
/** An address without link markup. A backslash before a mark is not displayed, so it may be anywhere in the address. */
const BARE = /(?<![A-Za-z0-9])((?:https?|ftp)\\?:)(?=\\?\/\\?\/)|(?<![\w./@-])www(?=\\?\.)/gi
/** The rest of such an address; its beginning is enough to judge it. */
const BEHIND_BARE = /[^\s<>"'`|]{0,300}/y
/** The address of a link. It may be in the next line, after the marks of a quotation, but not after an empty line. */
const DESTINATION = /\]\([ \t]*(?:\n[ \t>]*)?<?([^\s<>\]]*)/g
/**
 * A host that is written as a plain name, followed by nothing that Markdown or a browser could take for part of the
 * name.
 */
const PLAIN_ADDRESS = /^https?:\/\/([a-z0-9.-]+)(?::\d{1,5})?(?=[/?#()[\],;!*~"']|$)/i
/** A place in the repository or on the page: without a scheme, and without a host. */
const RELATIVE = /^(?:#|\/(?![/\\])|\.{1,2}\/|[\w.-]+(?=[/?#)]|$))[^\\&:]*(?:[?#].*)?$/

/**
 * Turns links to hosts that are not allowed into text. A click on one might do what a model was made to put into it,
 * and under Backspace's name a link looks trustworthy. The address stays readable.
 *
 * @param hosts `example.org`, or `*.example.org` for all names below it; `*` for all hosts.
 */
export function withoutForeignLinks(text: string, hosts: readonly string[]): string {
  if (hosts.includes('*')) return text
  const allowed = [...ALWAYS, ...hosts].map((host) => host.toLowerCase())
  const isAllowed = (address: string) => isOn(allowed, PLAIN_ADDRESS.exec(address)?.[1])
  const addressAt = (at: number) => {
    BEHIND_BARE.lastIndex = at
    return BEHIND_BARE.exec(text)?.[0] ?? ''
  }
  return text
    .replace(BARE, (begin, scheme: string | undefined, at: number) => {
      const address = addressAt(at)
      const isLink = scheme === undefined ? isAllowed(`https://${address}`) : isAllowed(address)
      return isLink ? begin : `${begin}${SPLIT}`
    })
    .replace(DESTINATION, (whole, written: string) => {
      // The end of a heading that became bold is not part of the address.
      const address = written.replace(/(?<!\*)\*+$/, '')
      // A heading in the next line is not an address, but would become one if its marks were removed.
      const isHeading = whole.includes('\n') && /^#+$/.test(address)
      const isFine = isAllowed(address) || RELATIVE.test(address) || !/[\p{L}\p{N}]/u.test(address)
      return isFine && !isHeading ? whole : whole.replace('](', '] (')
    })
}

function isOn(hosts: readonly string[], name: string | undefined): boolean {
  if (name === undefined || name.length > 253) return false
  const host = name.replace(/\.+$/, '').toLowerCase()
  return hosts.some((one) => one === host || (one.startsWith('*.') && host.endsWith(one.slice(1))))
}

/** The hosts that texts link to, for example those of a thread that people wrote. */
export function hostsIn(...texts: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const text of texts) {
    for (const [, host = ''] of text.matchAll(
      /https?:\/\/([a-z0-9][a-z0-9.-]{1,252})(?=[:/?#\s)\],>"'`;!*_~]|$)/gi,
    )) {
      found.add(host.replace(/\.+$/, '').toLowerCase())
    }
  }
  return [...found].slice(0, MOST_HOSTS)
}

const MOST_HOSTS = 100
