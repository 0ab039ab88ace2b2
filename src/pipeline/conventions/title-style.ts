import { roleOf } from '../../checks/file-roles.ts'

/** How a repository words the titles of its commits and pull requests. */
export interface TitleStyle {
  /** - `conventional`: `fix(api): …`. `area`: `net/http: …`, as Go does. `bracket`: `[http] …`. `plain`: no prefix. */
  readonly kind: 'conventional' | 'area' | 'bracket' | 'plain'
  /** How the repository spells types, where it does so otherwise: `feat` is `feature`, `fix` is `Fix`. */
  readonly types: ReadonlyMap<string, string>
  /** In use as scopes or areas. */
  readonly scopes: ReadonlySet<string>
  /** True if most titles name one. */
  readonly hasScopes: boolean
  /** True if what follows the prefix mostly begins in lower case. */
  readonly isLower: boolean
}

export const PLAIN_STYLE: TitleStyle = {
  kind: 'plain',
  types: new Map(),
  scopes: new Set(),
  hasScopes: false,
  isLower: false,
}

/** By the type of Conventional Commits that they mean. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
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
const CONVENTIONAL = new RegExp(`^(${TYPES.join('|')})(?:\\(([\\w./@, -]{1,60})\\))?!?: (\\S)`, 'i')
const AREA = /^()([a-z][\w./*{},-]{0,59}): (\S)/
const BRACKET = /^()\[([\w./-]{1,40})\] (\S)/
/** Less would be a coincidence. */
const FEWEST = 5
const MOST = 0.6
const OWN = /^(?:Merge |Revert "|Bump |v?\d+\.\d+)/

/**
 * Reads the style of a repository from its latest titles.
 *
 * @param demanded true if a configuration asks for Conventional Commits: commitlint, semantic pull requests, a ruleset.
 */
export function titleStyleOf(titles: readonly string[], demanded = false): TitleStyle {
  const own = titles.map((title) => title.slice(0, 200)).filter((title) => !OWN.test(title))
  const matches = (pattern: RegExp) =>
    own.map((title) => pattern.exec(title)).filter((found) => found !== null)
  const [semantic, areas, brackets] = [matches(CONVENTIONAL), matches(AREA), matches(BRACKET)]
  const isUsed = (found: readonly unknown[]) => own.length >= FEWEST && found.length >= MOST * own.length
  if (demanded || isUsed(semantic)) return styleOf('conventional', semantic)
  if (isUsed(brackets)) return styleOf('bracket', brackets)
  return isUsed(areas) ? styleOf('area', areas) : PLAIN_STYLE
}

function styleOf(kind: TitleStyle['kind'], found: readonly RegExpExecArray[]): TitleStyle {
  const scopes = found.flatMap(([, , scope]) => (scope === undefined ? [] : [scope]))
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
    isLower: lower.length >= found.length / 2,
  }
}

/** What occurs most often. */
function mostOf(words: readonly string[]): string | undefined {
  const counts = [...Map.groupBy(words, (word) => word)].sort(
    ([, one], [, other]) => other.length - one.length,
  )
  return counts[0]?.[0]
}

/** Puts a title into the repository's style; one that has it already remains as it is. */
export function inStyle(
  title: string,
  style: TitleStyle,
  { paths, isFix }: { readonly paths: readonly string[]; readonly isFix: boolean },
): string {
  const said = title.trim()
  if (style.kind === 'plain' || said === '') return said
  const words = withCase(said, style).replace(/(?<![.!?…])\.$/, '')
  if (style.kind === 'conventional') {
    if (CONVENTIONAL.test(said)) return said
    const scope = style.hasScopes ? scopeOf(paths, style.scopes) : undefined
    const type = typeOf(said, paths, isFix)
    return `${style.types.get(type) ?? type}${scope === undefined ? '' : `(${scope})`}: ${words}`
  }
  if ((style.kind === 'area' ? AREA : BRACKET).test(said)) return said
  const area = scopeOf(paths, style.scopes)
  if (area === undefined) return said
  return style.kind === 'area' ? `${area}: ${words}` : `[${area}] ${words}`
}

/** What only the forge and its CI read; their texts for people are apart. */
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

/** The one scope in use that names a folder around every changed source; undefined where that is not evident. */
function scopeOf(paths: readonly string[], scopes: ReadonlySet<string>): string | undefined {
  const sources = paths.filter((path) => roleOf(path) === 'source')
  const shared = sources.length === 0 ? paths : sources
  const folders = shared.map(foldersOf)
  const fits = [...scopes].filter((scope) => folders.every((some) => some.has(scope)))
  return fits.sort((one, other) => other.length - one.length)[0]
}

/** `src/net/http/a.go` → `src`, `net`, `http`, `src/net`, `net/http` … and `a`. */
function foldersOf(path: string): ReadonlySet<string> {
  const parts = path.split('/').slice(0, 12)
  const stem = (parts.pop() ?? '').split('.')[0] ?? ''
  const found = new Set([stem])
  for (let from = 0; from < parts.length; from++) {
    for (let to = from + 1; to <= parts.length; to++) found.add(parts.slice(from, to).join('/'))
  }
  return found
}

/** A word in capitals, or with capitals in it, is a name. */
function withCase(title: string, { isLower }: TitleStyle): string {
  const [word = ''] = title.split(/\s/, 1)
  if (!isLower || /[A-Z]/.test(word.slice(1)) || !/^[A-Z]/.test(word)) return title
  return title.slice(0, 1).toLowerCase() + title.slice(1)
}
