import type { Folder } from '../project.ts'

const MOST_CHARACTERS = 256 * 1024
/** The most rules of one call, including the rules that they depend on. */
const MOST_RULES = 16
const MOST_LINES = 80

export type RecipeProgram = 'make' | 'just'

/** The names that make and just look for, in this order. */
const NAMES: Readonly<Record<RecipeProgram, readonly string[]>> = {
  make: ['GNUmakefile', 'Makefile', 'makefile'],
  just: ['justfile', 'Justfile', '.justfile'],
}

export interface Rule {
  readonly needs: readonly string[]
  readonly lines: string[]
  /** Line number in the file, from 1. */
  readonly line: number
  /** The parameters of a recipe of just, with their default values; empty for make. */
  readonly parameters: Parameters
}

/** Default values by the names of parameters; undefined if a call must give a value. */
type Parameters = ReadonlyMap<string, string | undefined>

/** A makefile or a justfile, read line by line. */
export interface Recipes {
  readonly program: RecipeProgram
  /** By the names of targets or recipes. Names with variables, such as `$(VENV)/bin/pip`, stay as they are written. */
  readonly rules: ReadonlyMap<string, Rule>
  readonly variables: ReadonlyMap<string, string>
}

/** The name of the file that make or just reads in a folder; undefined if there is none. */
export function recipeFile(has: Folder['has'], program: RecipeProgram): string | undefined {
  return NAMES[program].find(has)
}

export function readRecipes(text: string, program: RecipeProgram): Recipes {
  const rules = new Map<string, Rule>()
  const variables = new Map<string, string>()
  let current: Rule | undefined
  for (const [at, line] of joinedLines(text.slice(0, MOST_CHARACTERS), program)) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const isRecipe = program === 'make' ? line.startsWith('\t') : /^\s/.test(line)
    if (isRecipe) {
      if (current !== undefined && current.lines.length < MOST_LINES) current.lines.push(line.trim())
      continue
    }
    const [, name, value = ''] = /^(?:export\s)?(\w{1,60})\s{0,9}(?:::?|\?)?=\s{0,9}(.*)$/.exec(line) ?? []
    if (name !== undefined) {
      const plain = value.replace(/^(["'])(.*)\1$/, '$2').trim()
      if (!variables.has(name) && !/\$\(\w+ |`|\{\{/.test(plain)) variables.set(name, plain)
      continue
    }
    // Conditions and settings, which may depend on the machine, are skipped.
    if (
      /^(?:ifn?(?:eq|def)\b|(?:else|endif|-?include|define|endef|set|alias|import|mod)(?:\s|$)|\[)/.test(line)
    )
      continue
    const head = program === 'make' ? targetsIn(line) : recipeIn(line)
    current = undefined
    for (const one of head?.names ?? []) {
      const known = rules.get(one)
      current ??= { needs: head?.needs ?? [], lines: [], line: at, parameters: head?.parameters ?? new Map() }
      // Another line for the same target adds dependencies.
      if (known === undefined) rules.set(one, current)
      else if (known.lines.length === 0)
        rules.set(one, { ...current, lines: current.lines, needs: [...known.needs, ...current.needs] })
    }
  }
  return { program, rules, variables }
}

/**
 * The rules that a call runs, those that it depends on first.
 *
 * @param words the arguments of make or just.
 */
export function calledRules(
  { rules, variables, program }: Recipes,
  words: readonly string[],
): readonly { readonly line: number; readonly script: string }[] {
  const said = new Map(variables)
  const open: string[] = []
  for (const word of words) {
    const [, name, value = ''] = /^(\w{1,60})=(.*)$/.exec(word) ?? []
    if (name !== undefined) said.set(name, value)
    else if (!word.startsWith('-')) open.push(word)
  }
  const isJust = program === 'just'
  const names = isJust ? open.slice(0, 1) : open
  const found: { line: number; script: string }[] = []
  const seen = new Set<string>()
  const visit = (name: string) => {
    const rule = rules.get(name)
    if (rule === undefined || seen.has(name) || seen.size >= MOST_RULES) return
    seen.add(name)
    for (const need of rule.needs) visit(need)
    const given = isJust && name === names[0] ? open.slice(1) : []
    const values = new Map([...said, ...argumentsOf(rule.parameters, given)])
    for (const line of rule.lines) {
      const again = /^[@+-]*\$[({]MAKE[)}]((?: [\w.-]{1,60}){1,6})$/.exec(line)?.[1]
      for (const inner of again?.trim().split(' ') ?? []) visit(inner)
    }
    const script = rule.lines.map((line) => plainLine(line, values, isJust)).join('\n')
    found.push({ line: rule.line + 1, script })
  }
  for (const name of names) visit(name)
  return found
}

/** The values of a call by parameters, in order; the last parameter takes the rest. */
function argumentsOf(
  parameters: Parameters,
  given: readonly string[],
): readonly (readonly [string, string])[] {
  const names = [...parameters]
  return names.flatMap(([name, usual], at) => {
    const said = at === names.length - 1 ? given.slice(at).join(' ') : given[at]
    const value = said === undefined || said === '' ? usual : said
    return value === undefined ? [] : [[name, value] as const]
  })
}

/** A line of a recipe without its prefixes such as `@`, and with plain variables replaced by their values. */
function plainLine(line: string, values: ReadonlyMap<string, string>, isJust: boolean): string {
  const bare = line.replace(/^[@+-]{1,3}\s?/, '')
  if (isJust) {
    return bare
      .replace(
        /(^| )?\{\{([^{}]{0,200}(?:\{[^{}]{0,200}\}[^{}]{0,200}){0,4})\}\}/g,
        (whole: string, before: string | undefined, said: string, at: number, all: string) => {
          const name = said.trim()
          if (/^[\w-]+$/.test(name)) return `${before ?? ''}${values.get(name) ?? `\${${name}}`}`
          // An expression on its own may be empty, but inside a word it is an unknown part of a name.
          const isAlone = before !== undefined && /^(?: |$)/.test(all.slice(at + whole.length))
          return isAlone ? before : `${before ?? ''}$`
        },
      )
      .replace(/ {2,}/g, ' ')
  }
  let text = bare
  for (let round = 0; round < 3; round++) {
    text = text
      .slice(0, 2000)
      .replace(/\$[({](\w{1,60})[)}]/g, (whole, name: string) => values.get(name) ?? whole)
  }
  return text
    .replace(/\$\((\w{1,60})\)/g, (_, name: string) => `\${${name}}`)
    .replaceAll('$$', '$')
    .replace(/ {2,}/g, ' ')
}

/** The lines with their numbers from 1. In make, a line that ends in a backslash continues on the next one. */
function joinedLines(text: string, program: RecipeProgram): readonly (readonly [number, string])[] {
  const found: [number, string][] = []
  let open: [number, string] | undefined
  for (const [at, line] of text.split('\n').entries()) {
    const isOpen = program === 'make' && line.endsWith('\\')
    const part = isOpen ? line.slice(0, -1) : line
    if (open === undefined) open = [at + 1, part]
    else open[1] = `${open[1].trimEnd()} ${part.trim()}`
    if (isOpen) continue
    found.push(open)
    open = undefined
  }
  return open === undefined ? found : [...found, open]
}

interface Head {
  readonly names: readonly string[]
  readonly needs: readonly string[]
  readonly parameters: Parameters
}

/** Reads the head of a rule of make: `a b: c d | e`. */
function targetsIn(line: string): Head | undefined {
  const colon = line.indexOf(':')
  const isAssignment = /^:+=/.test(line.slice(colon))
  if (colon === -1 || isAssignment || !/^[\w.$-]/.test(line)) return undefined
  const needs = line
    .slice(colon + 1)
    .replace(/^:/, '')
    .replace(/[;#].*$/, '')
    .split(/[\s|]+/)
  return {
    names: line
      .slice(0, colon)
      .split(/\s+/)
      .filter((name) => name !== '' && name !== '.PHONY'),
    needs: needs.filter((name) => /^[\w.${()}/-]+$/.test(name)),
    parameters: new Map(),
  }
}

/** Reads the head of a recipe of just: `test *args="-x tests": deps`. */
function recipeIn(line: string): Head | undefined {
  const parts: readonly string[] = line.slice(0, 600).match(/"[^"]*"|'[^']*'|:=?|[^\s"':=]+|=/g) ?? []
  const colon = parts.indexOf(':')
  const [name = ''] = parts
  if (colon < 1 || !/^@?[\w-]+$/.test(name)) return undefined
  const parameters = new Map<string, string | undefined>()
  for (let at = 1; at < colon; at++) {
    const own = (parts[at] ?? '').replace(/^[*+$]+/, '')
    const hasValue = parts[at + 1] === '='
    const isRest = /^[*+]/.test(parts[at] ?? '')
    const value = (parts[at + 2] ?? '').replace(/^["']|["']$/g, '')
    parameters.set(own, hasValue ? value : isRest ? '' : undefined)
    if (hasValue) at += 2
  }
  // A recipe that gets arguments is in parentheses.
  const needs = parts
    .slice(colon + 1)
    .map((part) => part.replace(/^\(/, ''))
    .filter((part) => /^[\w-]+$/.test(part))
  return { names: [name.replace(/^@/, '')], needs, parameters }
}
