import { roleOf } from '../../checks/file-roles.ts'
import type { RunRequest } from '../../runs/run.ts'
import { capitalized } from '../../text/capitalized.ts'
import {
  AREA,
  BRACKET,
  conventionalPattern,
  EMOJI,
  SPELLINGS,
  TICKET,
  type TicketStyle,
  type TitleStyle,
} from './title-style.ts'

/** The change that a title describes. */
export interface TitledChange {
  readonly paths: readonly string[]
  readonly isFix: boolean
  /** May name a ticket; untrusted. */
  readonly request?: Pick<RunRequest, 'prompt' | 'thread'> | undefined
}

/** Adapts a title to the repository's style. Parts that already follow the style stay as they are. */
export function inStyle(title: string, style: TitleStyle, change: TitledChange): string {
  const whole = title.trim()
  const own = style.emoji === undefined ? '' : (EMOJI.exec(whole)?.[0] ?? '')
  const untagged = whole.slice(own.length)
  const key = style.ticket === undefined ? '' : (TICKET.exec(untagged)?.[0] ?? '')
  const said = untagged.slice(key.length)
  if (said === '') return whole
  const emoji = own !== '' || style.emoji === undefined ? own : `${emojiFor(said, style.emoji, change)} `
  const ticket = key === '' && style.ticket !== undefined ? ticketFor(style.ticket, change) : undefined
  const prefix = key !== '' || ticket === undefined ? key : prefixOf(ticket, style.ticket)
  const scope = style.ticket?.form === 'scope' ? ticket : undefined
  return `${emoji}${prefix}${worded(said, style, { ...change, scope })}`
}

function worded(
  said: string,
  style: TitleStyle,
  { paths, isFix, scope: ticket }: TitledChange & { readonly scope: string | undefined },
): string {
  if (style.kind === 'plain') return said
  if (style.kind === 'conventional') {
    const type = allowedType(typeOf(said, paths, isFix), style)
    const scope = ticket ?? (style.hasScopes || style.needsScope ? scopeOf(paths, style.scopes) : undefined)
    const named = scope ?? (style.needsScope ? anyScope(style.scopes) : undefined)
    const inScope = named === undefined ? '' : `(${named})`
    const [prefix = '', ownType = '', ownScope] = conventionalPattern(style.allowed).exec(said) ?? []
    if (prefix === '') return `${type}${inScope}: ${withCase(said, style).replace(/(?<![.!?…])\.$/, '')}`
    const kept = canonical(ownType)
    const words = withCase(said.slice(prefix.length - 1), style)
    const breaks = prefix.includes('!') ? '!' : ''
    const place = ownScope !== undefined && isAllowedScope(ownScope, style) ? `(${ownScope})` : inScope
    return `${isAllowed(ownType, style) ? ownType : allowedType(kept, style)}${place}${breaks}: ${words}`
  }
  if ((style.kind === 'area' ? AREA : BRACKET).test(said)) return said
  const area = scopeOf(paths, style.scopes)
  if (area === undefined) return said
  const words = withCase(said, style).replace(/(?<![.!?…])\.$/, '')
  return style.kind === 'area' ? `${area}: ${words}` : `[${area}] ${words}`
}

function isAllowed(type: string, { allowed }: TitleStyle): boolean {
  return allowed === undefined || allowed.includes(type)
}

function isAllowedScope(scope: string, { allowedScopes }: TitleStyle): boolean {
  return allowedScopes === undefined || scope.split(/, ?/).every((one) => allowedScopes.has(one))
}

/** The standard type of Conventional Commits for a spelling: `fix` for `bugfix`. */
function canonical(type: string): string {
  const lower = type.toLowerCase()
  return Object.entries(SPELLINGS).find(([, spellings]) => spellings.includes(lower))?.[0] ?? lower
}

/** The repository's spelling of a type. A type that it does not allow is replaced by the closest allowed one. */
function allowedType(type: string, { types, allowed, usual }: TitleStyle): string {
  const spelt = types.get(type) ?? type
  if (allowed === undefined) return spelt
  const wanted = [type, spelt, ...(SPELLINGS[type] ?? []), usual ?? '', ...(SPELLINGS.chore ?? [])]
  const found = wanted.flatMap(
    (one) => allowed.find((other) => other.toLowerCase() === one.toLowerCase()) ?? [],
  )
  return found[0] ?? allowed[0] ?? spelt
}

/** A scope for a title that must have one, when no folder suggests one. */
function anyScope(scopes: ReadonlySet<string>): string | undefined {
  const names = [...scopes]
  return names.find((name) => /^(?:core|general|misc|repo|main|all|root|project)$/i.test(name)) ?? names[0]
}

/** https://gitmoji.dev */
const EMOJIS: Readonly<Record<string, readonly [sign: string, code: string]>> = {
  feat: ['✨', ':sparkles:'],
  fix: ['🐛', ':bug:'],
  docs: ['📝', ':memo:'],
  test: ['✅', ':white_check_mark:'],
  refactor: ['♻️', ':recycle:'],
  perf: ['⚡️', ':zap:'],
  chore: ['🔧', ':wrench:'],
  ci: ['👷', ':construction_worker:'],
}

function emojiFor(said: string, form: 'sign' | 'code', { paths, isFix }: TitledChange): string {
  const [, own] = conventionalPattern().exec(said) ?? []
  const type = own === undefined ? typeOf(said, paths, isFix) : canonical(own)
  const [sign, code] = EMOJIS[type] ?? ['🔧', ':wrench:']
  return form === 'sign' ? sign : code
}

/** The ticket that the request names: the project's key with a number. */
function ticketFor({ project }: TicketStyle, { request }: TitledChange): string | undefined {
  const key = new RegExp(`(?<![\\w-])${RegExp.escape(project)}-\\d{1,7}(?!\\w)`)
  const asked = [request?.prompt ?? '', request?.thread?.title ?? '']
  return asked.map((text) => key.exec(text.slice(0, 20_000))?.[0]).find((found) => found !== undefined)
}

function prefixOf(key: string, style: TicketStyle | undefined): string {
  switch (style?.form) {
    case 'bracket':
      return `[${key}] `
    case 'colon':
      return `${key}: `
    case 'plain':
      return `${key} `
    default:
      return ''
  }
}

/** Files that only the forge and CI read. */
const CI_FILE =
  /^\.(?:github|gitlab|circleci|buildkite|woodpecker|forgejo|gitea)\/|^\.(?:gitlab-ci|travis|cirrus|drone|woodpecker|appveyor)\.ya?ml$|^(?:azure-pipelines|appveyor|bitbucket-pipelines|cloudbuild)[^/]*\.ya?ml$|^Jenkinsfile[^/]*$/

function typeOf(title: string, paths: readonly string[], isFix: boolean): string {
  const roles = new Set(paths.map(roleOf))
  if (paths.length > 0 && paths.every((path) => CI_FILE.test(path) && !/\.(?:md|txt)$/i.test(path)))
    return 'ci'
  if (roles.size === 1 && roles.has('text')) return 'docs'
  if (roles.size === 1 && roles.has('test')) return 'test'
  if (/^(?:fix|correct|repair|prevent|handle|avoid|stop|do not|don't)\b/i.test(title)) return 'fix'
  if (/^(?:add|support|allow|implement|introduce|let|enable|offer)\b/i.test(title)) return 'feat'
  if (/^(?:refactor|rename|move|simplify|extract|split|inline|clean)\b/i.test(title)) return 'refactor'
  if (/^(?:document|describe|explain)\b/i.test(title)) return 'docs'
  if (/^(?:speed|optimi[sz]e)\b/i.test(title)) return 'perf'
  if (/^(?:bump|upgrade|update .{0,40}dependenc|remove unused)/i.test(title)) return 'chore'
  return isFix ? 'fix' : 'feat'
}

/** The only known scope that names a folder above every changed source; undefined if there is none or more than one. */
function scopeOf(paths: readonly string[], scopes: ReadonlySet<string>): string | undefined {
  const sources = paths.filter((path) => roleOf(path) === 'source')
  const shared = sources.length === 0 ? paths : sources
  const folders = shared.map(foldersOf)
  const fits = [...scopes].filter((scope) => folders.every((some) => some.has(scope)))
  return fits.sort((one, other) => other.length - one.length)[0]
}

/** Names for the place of a file. `src/net/http/a.go` gives `src`, `net`, `http`, `src/net`, `net/http` … and `a`. */
function foldersOf(path: string): ReadonlySet<string> {
  const parts = path.split('/').slice(0, 12)
  const stem = (parts.pop() ?? '').split('.')[0] ?? ''
  const found = new Set([stem])
  for (let from = 0; from < parts.length; from++) {
    for (let to = from + 1; to <= parts.length; to++) found.add(parts.slice(from, to).join('/'))
  }
  return found
}

/** Adapts the first letter. A word with further capitals is a name and stays as it is. */
function withCase(title: string, { begins }: TitleStyle): string {
  if (begins === 'upper') return capitalized(title)
  const [word = ''] = title.split(/\s/, 1)
  if (begins === 'any' || /[A-Z]/.test(word.slice(1)) || !/^[A-Z]/.test(word)) return title
  return title.slice(0, 1).toLowerCase() + title.slice(1)
}
