import { stringsIn, valueAt } from '../../checks/plans/read-manifest.ts'
import { yamlOrUndefined } from '../../text/parse-yaml.ts'

/** What a repository's configuration demands of titles. Every such configuration asks for Conventional Commits. */
export interface TitleRules {
  /** The allowed types; undefined if the configuration lists none. */
  readonly types?: readonly string[] | undefined
  /** The allowed scopes; undefined when any is allowed. */
  readonly scopes?: readonly string[] | undefined
  readonly needsScope: boolean
  /** True if the text after the prefix must begin in lower case, false for upper case; undefined if both are allowed. */
  readonly isLower?: boolean | undefined
  /** The longest title, in characters. */
  readonly maxLength?: number | undefined
}

export const ASKS: TitleRules = { needsScope: false }
export function ofCommitlint(text: string): TitleRules {
  const value = yamlOrUndefined(text)
  if (valueAt(value, ['extends']) !== undefined || valueAt(value, ['rules']) !== undefined)
    return ofCommitlintValue(value)
  // The configuration is a program, so it is searched as text.
  const has = (pattern: RegExp) => pattern.test(text)
  const length = /['"]?header-max-length['"]?\s*:\s*\[\s*2\s*,\s*['"]always['"]\s*,\s*(\d{2,3})/.exec(text)
  return {
    ...baseOf([has(/config-(?:conventional|cz)\b/) ? CONVENTIONAL : '', has(ANGULAR) ? 'angular' : '']),
    ...given('types', literalsAfter(text, 'type-enum', 'text')),
    ...given('scopes', literalsAfter(text, 'scope-enum', 'text')),
    ...(has(/['"]scope-empty['"]\s*:\s*\[\s*2\s*,\s*['"]never/) ? { needsScope: true } : {}),
    ...(has(/['"]subject-case['"]\s*:\s*\[\s*[01]\b/) ? { isLower: undefined } : {}),
    ...given('maxLength', length ? Number(length[1]) : undefined),
  }
}

const CONVENTIONAL = 'conventional'
const ANGULAR = /config-angular\b/
const BY_DEFAULT = [
  ...['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test'],
]
const LONGEST = 100

/** The rules of well-known configurations that others extend. */
function baseOf(names: readonly string[]): TitleRules {
  if (names.some((name) => name.includes(CONVENTIONAL)))
    return { ...ASKS, types: BY_DEFAULT, isLower: true, maxLength: LONGEST }
  if (!names.some((name) => name.includes('angular'))) return ASKS
  return { ...ASKS, types: BY_DEFAULT.filter((type) => type !== 'chore'), isLower: true, maxLength: 72 }
}

export function ofCommitlintValue(value: unknown): TitleRules {
  const rule = (name: string): readonly unknown[] => {
    const found = valueAt(value, ['rules', name])
    return Array.isArray(found) && found[0] === 2 && found[1] !== 'never' ? found : []
  }
  const list = (name: string) => listedWords(rule(name)[2])
  const scopeEmpty = valueAt(value, ['rules', 'scope-empty'])
  const length = rule('header-max-length')[2]
  return {
    ...baseOf(stringsIn(value, ['extends'])),
    ...given('types', list('type-enum')),
    ...given('scopes', list('scope-enum')),
    ...(Array.isArray(scopeEmpty) && scopeEmpty[0] === 2 && scopeEmpty[1] === 'never'
      ? { needsScope: true }
      : {}),
    ...(valueAt(value, ['rules', 'subject-case']) === undefined ? {} : { isLower: undefined }),
    ...given('maxLength', typeof length === 'number' ? length : undefined),
  }
}

const WORD = /^[\w./@-]{1,40}$/

/** The words of a list, or of a text with one per line; undefined if there are expressions among them. */
export function listedWords(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] | undefined = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split('\n').map((line) => line.trim())
      : undefined
  const words = (list ?? []).filter((word) => word !== '')
  const isPlain = words.every((word): word is string => typeof word === 'string' && WORD.test(word))
  return words.length > 0 && isPlain ? words.slice(0, 100) : undefined
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]: V })
}

const LITERALS = {
  text: /(['"`])([\w./@-]{1,40})\1/g,
  value: /\bvalue\s*:\s*(['"`])([\w./@-]{1,40})\1/g,
} as const
const MOST_CHARACTERS = 4000

/** The texts in the brackets after a key of a program; undefined if the brackets hold anything else. */
export function literalsAfter(
  text: string,
  key: string,
  literal: keyof typeof LITERALS,
): readonly string[] | undefined {
  const code = text.slice(0, 32 * 1024).replace(/^[ \t]*\/\/.*$/gm, '')
  const at = code.search(new RegExp(`['"]?${key}['"]?\\s*:\\s*\\[`))
  if (at === -1) return undefined
  const start = code.indexOf('[', at)
  let depth = 0
  let end = start
  for (; end < code.length && end - start < MOST_CHARACTERS; end++) {
    if (code[end] === '[') depth += 1
    if (code[end] === ']') depth -= 1
    if (depth === 0) break
  }
  const inside = code.slice(start, end)
  if (inside.includes('...')) return undefined
  const words = [...inside.matchAll(LITERALS[literal])].flatMap(([, , word = '']) =>
    ['always', 'never'].includes(word) ? [] : [word],
  )
  return words.length === 0 ? undefined : words
}
