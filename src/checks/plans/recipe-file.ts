import type { Folder } from '../project.ts'
import { plainWords } from './ci/plain-words.ts'
import { type Parameters, recipeIn, targetsIn } from './recipe-heads.ts'

const MOST_CHARACTERS = 256 * 1024
/** The most rules of one call, including the rules that they depend on. */
const MOST_RULES = 16
const MOST_LINES = 80
/** The most dependencies of one rule, whose lines may be as many as the file has. */
const MOST_NEEDS = 500

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

/** A makefile or a justfile, read line by line. */
export interface Recipes {
  readonly program: RecipeProgram
  /** By the names of targets or recipes. Names with variables, such as `$(VENV)/bin/pip`, stay as they are written. */
  readonly rules: ReadonlyMap<string, Rule>
  readonly variables: ReadonlyMap<string, string>
  /** Whether a variable may have a value that only a run knows: it is computed, or another file is included. */
  readonly isUnknown: (name: string) => boolean
}

/** The name of the file that make or just reads in a folder; undefined if there is none. */
export function recipeFile(has: Folder['has'], program: RecipeProgram): string | undefined {
  return NAMES[program].find(has)
}

export function readRecipes(text: string, program: RecipeProgram): Recipes {
  const rules = new Map<string, Rule>()
  const variables = new Map<string, string>()
  const computed = new Set<string>()
  let includes = false
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
      const isComputed = /\$\(\w+ |`|\{\{/.test(plain)
      if (isComputed) computed.add(name)
      else if (!variables.has(name)) variables.set(name, plain)
      continue
    }
    includes ||= /^-?include\s/.test(line)
    // Conditions and settings, which may depend on the machine, are skipped.
    if (
      /^(?:ifn?(?:eq|def)\b|(?:else|endif|-?include|define|endef|set|alias|import|mod)(?:\s|$)|\[)/.test(line)
    )
      continue
    const head = program === 'make' ? targetsIn(line) : recipeIn(line)
    current = undefined
    for (const one of head?.names ?? []) {
      const known = rules.get(one)
      current ??= {
        needs: (head?.needs ?? []).slice(0, MOST_NEEDS),
        lines: [],
        line: at,
        parameters: head?.parameters ?? new Map(),
      }
      // Another line for the same target adds dependencies.
      if (known === undefined) rules.set(one, current)
      else if (known.lines.length === 0)
        rules.set(one, { ...current, needs: [...known.needs, ...current.needs].slice(0, MOST_NEEDS) })
    }
  }
  // Other variables, such as `$(PYTHON)`, may be those of the machine.
  const isUnknown = (name: string) =>
    includes || computed.has(name) || !/(?:ARG|OPT|OPTION|FLAG|EXTRA|PARAM|ONLY)S?(?:_|$)/.test(name)
  return { program, rules, variables, isUnknown }
}

/**
 * The rules that a call runs, those that it depends on first.
 *
 * @param words the arguments of make or just.
 */
export function calledRules(
  { rules, variables, program, isUnknown }: Recipes,
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
  const visit = (name: string, outer: ReadonlyMap<string, string>) => {
    const rule = rules.get(name)
    if (rule === undefined || seen.size >= MOST_RULES) return
    const id = JSON.stringify([name, outer === said ? [] : [...outer]])
    if (seen.has(id)) return
    seen.add(id)
    for (const need of rule.needs) visit(need, outer)
    const given = isJust && name === names[0] ? open.slice(1) : []
    const values = new Map([...outer, ...argumentsOf(rule.parameters, given)])
    for (const line of rule.lines) {
      const inner = isJust ? undefined : innerCall(line)
      if (inner === undefined) continue
      const more = inner.values.length === 0 ? outer : new Map([...outer, ...inner.values])
      for (const target of inner.targets) visit(target, more)
    }
    const script = rule.lines.map((line) => plainLine(line, { values, isJust, isUnknown })).join('\n')
    found.push({ line: rule.line + 1, script })
  }
  for (const name of names) visit(name, said)
  return found
}

/** The targets and variables of a line by which make calls itself: `$(MAKE) run CMD="pytest tests"`. */
function innerCall(
  line: string,
):
  | { readonly targets: readonly string[]; readonly values: readonly (readonly [string, string])[] }
  | undefined {
  const [, said] = /^[@+-]*(?:[A-Z_]+=\S* )*(?:\$[({]MAKE[)}]|make) (.{1,1000})$/.exec(line) ?? []
  const words = said === undefined ? undefined : plainWords(said)?.map(({ text }) => text)
  if (words === undefined || words.some((word) => word.startsWith('-'))) return undefined
  const values = words.flatMap((word) => {
    const [, name, value = ''] = /^(\w{1,60})=(.*)$/.exec(word) ?? []
    return name === undefined ? [] : [[name, value] as const]
  })
  const targets = words.filter((word) => /^[\w.-]{1,60}$/.test(word))
  return targets.length + values.length < words.length ? undefined : { targets, values }
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
function plainLine(
  line: string,
  {
    values,
    isJust,
    isUnknown,
  }: {
    readonly values: ReadonlyMap<string, string>
    readonly isJust: boolean
    readonly isUnknown: Recipes['isUnknown']
  },
): string {
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
  // What nothing sets is empty.
  text = text.replace(/(?<= )\$[({](\w{1,60})[)}](?= |$)/g, (whole, name: string) =>
    isUnknown(name) ? whole : '',
  )
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
    const part = isOpen ? line.slice(0, -1).trimEnd() : line
    // Only the new part is trimmed, since the joined line may be long.
    if (open === undefined) open = [at + 1, part]
    else if (part.trim() !== '') open[1] += ` ${part.trim()}`
    if (isOpen) continue
    found.push(open)
    open = undefined
  }
  return open === undefined ? found : [...found, open]
}
