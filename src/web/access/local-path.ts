/** A placeholder origin for parsing addresses; no request goes there. */
const HERE = 'http://here.invalid'
const LONGEST = 400
/** Paths that a sign-in must not lead to: the sign-in itself, and logging out. */
const NOT_BACK_TO = /^\/(?:auth|login|logout|shared)(?:\/|$)/

/**
 * The path that a sign-in leads to, with its query, and its fragment if that is a plain one; `/` for anything that is not a plain path of this
 * service. So a link cannot choose the site on which a person ends up, however the address is spelled: `//evil.example`,
 * `/\evil.example`, `https:evil.example`, with tabs or with dots.
 */
export function localPath(text: string | null | undefined): string {
  const [path = '', fragment = '', ...more] = (text ?? '').split('#')
  if (path.length > LONGEST || !/^\/[\w/.~?=&%+:,@!$'()*;-]*$/.test(path)) return '/'
  const isPlace = more.length === 0 && /^[\w.:/-]{1,100}$/.test(fragment)
  const url = URL.parse(isPlace ? `${path}#${fragment}` : path, HERE)
  if (url?.origin !== HERE || /^\/[/\\]/.test(url.pathname) || NOT_BACK_TO.test(url.pathname)) return '/'
  const found = `${url.pathname}${url.search}${url.hash}`
  // Parsing an address percent-encodes some characters, which makes three of one.
  return found.length > LONGEST ? '/' : found
}
