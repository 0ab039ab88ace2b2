import type { TitleRules } from './commitlint-rules.ts'

/** How a repository words the titles of its commits and pull requests. */
export interface TitleStyle {
  /** - `conventional`: `fix(api): …`. `area`: `net/http: …`, as Go does. `bracket`: `[http] …`. `plain`: no prefix. */
  readonly kind: 'conventional' | 'area' | 'bracket' | 'plain'
  /** The repository's own spelling of types: `feature` for `feat`, `Fix` for `fix`. */
  readonly types: ReadonlyMap<string, string>
  /** Scopes or areas that titles use. */
  readonly scopes: ReadonlySet<string>
  /** True if most titles have a scope. */
  readonly hasScopes: boolean
  /** The case of the first letter after the prefix. */
  readonly begins: 'lower' | 'upper' | 'any'
  /** The types that a configuration allows; undefined for any. */
  readonly allowed?: readonly string[] | undefined
  /** The most frequent type. */
  readonly usual?: string | undefined
  /** The scopes that a configuration allows; undefined for any. */
  readonly allowedScopes?: ReadonlySet<string> | undefined
  /** True if a title without a scope is refused. */
  readonly needsScope?: boolean | undefined
  /** The longest title, in characters. */
  readonly maxLength?: number | undefined
  /** Set if titles begin with a gitmoji for the type: as the character itself (`sign`) or as `:bug:` (`code`). */
  readonly emoji?: 'sign' | 'code' | undefined
  readonly ticket?: TicketStyle | undefined
}

/** How titles name a ticket: `ABC-12: …`, `[ABC-12] …`, `ABC-12 …`, `fix(ABC-12): …`. */
export interface TicketStyle {
  readonly project: string
  readonly form: 'colon' | 'bracket' | 'plain' | 'scope'
}

export const PLAIN_STYLE: TitleStyle = {
  kind: 'plain',
  types: new Map(),
  scopes: new Set(),
  hasScopes: false,
  begins: 'any',
}

/** Other spellings of types, by the standard type of Conventional Commits. */
export const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  feat: ['feature', 'feat', 'enhancement', 'improvement'],
  fix: ['fix', 'bugfix', 'hotfix', 'bug'],
  docs: ['docs', 'doc'],
  test: ['test', 'tests'],
  refactor: ['refactor', 'refactoring'],
  perf: ['perf', 'performance'],
  chore: ['chore', 'deps', 'misc', 'maintenance'],
  ci: ['ci'],
}
const TYPES = [
  ...Object.values(SPELLINGS).flat(),
  'build',
  'style',
  'revert',
  'release',
  'security',
  'i18n',
  'types',
]
export const AREA = /^()([a-z][\w./*{},-]{0,59}): (\S)/
export const BRACKET = /^()\[([\w./-]{1,40})\] (\S)/
/** The fewest titles, and the share of them, that make a style; fewer would be a coincidence. */
const FEWEST = 5
const MOST = 0.6
const OWN = /^(?:Merge |Revert "|Bump |v?\d+\.\d+)/

/** An emoji, or the code of one, at the start of a title. */
export const EMOJI =
  /^(?::[a-z][\w+-]{1,38}:|\p{Extended_Pictographic}\uFE0F?(?:\u200D\p{Extended_Pictographic}\uFE0F?){0,4})\s*/u
export const TICKET = /^(\[?)([A-Z][A-Z\d_]{1,9})-\d{1,7}(\]?)(:?)(?: -)? +/
const TICKET_SCOPE = /^([A-Z][A-Z\d_]{1,9})-\d{1,7}$/

/**
 * Matches a title in the style of Conventional Commits. The groups are type, scope and the first character after them.
 *
 * @param allowed types that a configuration adds to the common ones.
 */
export function conventionalPattern(allowed: readonly string[] = []): RegExp {
  const types = [...TYPES, ...allowed.map((type) => RegExp.escape(type))]
  return new RegExp(`^(${types.join('|')})(?:\\(([\\w./@, -]{1,60})\\))?!?: (\\S)`, 'i')
}

/**
 * Reads the style of a repository from its latest titles.
 *
 * @param rules the demands of its configuration or a ruleset; undefined when there are none.
 */
export function titleStyleOf(titles: readonly string[], rules?: TitleRules): TitleStyle {
  const own = titles.map((title) => title.slice(0, 200)).filter((title) => !OWN.test(title))
  const isUsed = (found: readonly unknown[]) => own.length >= FEWEST && found.length >= MOST * own.length
  const signs = own.map((title) => EMOJI.exec(title)?.[0]).filter((found) => found !== undefined)
  const codes = signs.filter((sign) => sign.startsWith(':'))
  const form = codes.length > signs.length / 2 ? 'code' : 'sign'
  const emoji = isUsed(signs) ? form : undefined
  const bare = emoji === undefined ? own : own.map((title) => title.replace(EMOJI, ''))
  const ticket = ticketsOf(bare, isUsed)
  const rest = ticket === undefined ? bare : bare.map((title) => title.replace(TICKET, ''))
  const matches = (pattern: RegExp) =>
    rest.map((title) => pattern.exec(title)).filter((found) => found !== null)
  const styled = (kind: TitleStyle['kind'], found: readonly RegExpExecArray[]): TitleStyle => ({
    ...styleOf(kind, found, isUsed),
    emoji,
    ...(ticket === undefined ? {} : { ticket }),
  })
  const semantic = matches(conventionalPattern(rules?.types))
  const [areas, brackets] = [matches(AREA), matches(BRACKET)]
  // A tool without a list of types does not override another style that the titles clearly have.
  const isOther = !isUsed(semantic) && (isUsed(areas) || isUsed(brackets))
  if (rules !== undefined && (rules.types !== undefined || !isOther))
    return ruled(styled('conventional', semantic), rules)
  if (isUsed(semantic)) return styled('conventional', semantic)
  if (isUsed(brackets)) return styled('bracket', brackets)
  return isUsed(areas) ? styled('area', areas) : { ...styled('plain', []), begins: 'any' }
}

function ruled(style: TitleStyle, { types, scopes, needsScope, isLower, maxLength }: TitleRules): TitleStyle {
  return {
    ...style,
    allowed: types,
    needsScope,
    maxLength,
    ...(scopes === undefined ? {} : { scopes: new Set(scopes), allowedScopes: new Set(scopes) }),
    ...(isLower === undefined ? {} : { begins: isLower ? 'lower' : 'upper' }),
  }
}

type IsUsed = (found: readonly unknown[]) => boolean

function ticketsOf(titles: readonly string[], isUsed: IsUsed): TicketStyle | undefined {
  const found = titles.map((title) => TICKET.exec(title)).filter((one) => one !== null)
  if (!isUsed(found)) return undefined
  const form = mostOf(found.map(([, opens, , , colon]) => (opens ? 'bracket' : colon ? 'colon' : 'plain')))
  const project = mostOf(found.map(([, , name = '']) => name))
  return form === undefined || project === undefined ? undefined : { project, form }
}

function styleOf(kind: TitleStyle['kind'], found: readonly RegExpExecArray[], isUsed: IsUsed): TitleStyle {
  const named = found.flatMap(([, , scope]) => (scope === undefined ? [] : [scope]))
  const keys = named.flatMap((scope) => TICKET_SCOPE.exec(scope)?.[1] ?? [])
  const scopes = named.filter((scope) => !TICKET_SCOPE.test(scope))
  const project = isUsed(keys) ? mostOf(keys) : undefined
  const lower = found.filter(([, , , first = '']) => first === first.toLowerCase())
  const types = found.map(([, type = '']) => type)
  return {
    kind,
    types: new Map(
      Object.entries(SPELLINGS).flatMap(([type, spellings]) => {
        const used = mostOf(types.filter((one) => spellings.includes(one.toLowerCase())))
        return used === undefined ? [] : [[type, used] as const]
      }),
    ),
    scopes: new Set(scopes),
    hasScopes: scopes.length >= MOST * found.length && found.length > 0,
    begins: lower.length >= found.length / 2 ? 'lower' : 'any',
    usual: mostOf(types),
    ...(project === undefined ? {} : { ticket: { project, form: 'scope' } }),
  }
}

/** The most frequent word. */
function mostOf<T extends string>(words: readonly T[]): T | undefined {
  const counts = [...Map.groupBy(words, (word) => word)].sort(
    ([, one], [, other]) => other.length - one.length,
  )
  return counts[0]?.[0]
}
