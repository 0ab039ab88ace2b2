import type { Root, RootContent } from 'hast'
import type { createLowlight } from 'lowlight'
import type { CodePiece, DiffLine } from './diff-lines.ts'

/** Loaded once for the process, because compiling the grammars takes time. */
let engine: Promise<ReturnType<typeof createLowlight>> | undefined

/** Adds colours to the lines of a file. Returns them unchanged if the language is unknown or the file is too large. */
export type ColourLines = (path: string, lines: readonly DiffLine[]) => readonly DiffLine[]

/** Most characters of coloured code on one page, and in one line. */
const MOST_ON_PAGE = 60_000
const MOST_IN_LINE = 500

/**
 * Loads the highlighter for one page. Some patterns of highlight.js take more than linear time, so the amount of text is
 * limited, and the page is drawn in a thread with a time limit.
 */
export async function loadColours(): Promise<ColourLines> {
  engine ??= import('lowlight').then(({ common, createLowlight }) => createLowlight(common))
  const lowlight = await engine
  let left = MOST_ON_PAGE

  function colour(language: string, code: readonly string[]): readonly (readonly CodePiece[])[] {
    return linesOfTree(lowlight.highlight(language, code.join('\n')))
  }

  return (path, lines) => {
    const language = languageOf(path)
    const size = lines.reduce((sum, { text }) => sum + text.length, 0)
    if (language === undefined || size > left) return lines
    if (lines.some(({ text }) => text.length > MOST_IN_LINE)) return lines
    left -= size
    return hunksOf(lines).flatMap((hunk) => {
      // Each side is coloured on its own: a comment that was removed must not colour the lines that stay.
      const before = hunk.filter(({ kind }) => kind === 'delete' || kind === 'context')
      const after = hunk.filter(({ kind }) => kind === 'add' || kind === 'context')
      const old = new Map(zip(before, colour(language, before.map(code))))
      const now = new Map(zip(after, colour(language, after.map(code))))
      return hunk.map((line) => ({ ...line, pieces: now.get(line) ?? old.get(line) }))
    })
  }
}

/** Languages of lowlight's common set, by file extension or by whole file name. */
const LANGUAGES = new Map(
  Object.entries({
    bash: 'sh bash zsh',
    c: 'c h',
    cpp: 'cc cpp cxx hh hpp hxx',
    csharp: 'cs',
    css: 'css',
    go: 'go',
    graphql: 'graphql gql',
    ini: 'ini toml cfg conf properties',
    java: 'java',
    javascript: 'js mjs cjs jsx',
    json: 'json jsonc json5 webmanifest',
    kotlin: 'kt kts',
    less: 'less',
    lua: 'lua',
    makefile: 'makefile mk',
    perl: 'pl pm',
    php: 'php',
    python: 'py pyi',
    r: 'r',
    ruby: 'rb rake gemspec rakefile gemfile',
    rust: 'rs',
    scss: 'scss sass',
    sql: 'sql',
    swift: 'swift',
    typescript: 'ts mts cts tsx',
    xml: 'xml html htm svg vue svelte xhtml csproj',
    yaml: 'yml yaml',
  }).flatMap(([language, endings]) => endings.split(' ').map((ending) => [ending, language] as const)),
)

function languageOf(path: string): string | undefined {
  const name = path.toLowerCase().split('/').at(-1) ?? ''
  return LANGUAGES.get(name.split('.').at(-1) ?? name)
}

function code({ text }: DiffLine): string {
  return text.slice(1)
}

function zip<A, B>(as: readonly A[], bs: readonly B[]): readonly (readonly [A, B])[] {
  return as.flatMap((a, index) => {
    const b = bs[index]
    return b === undefined ? [] : [[a, b] as const]
  })
}

function hunksOf(lines: readonly DiffLine[]): readonly (readonly DiffLine[])[] {
  const hunks: DiffLine[][] = [[]]
  for (const line of lines) {
    if (line.kind === 'hunk') hunks.push([])
    hunks.at(-1)?.push(line)
  }
  return hunks
}

/** CSS classes of the pages, by class of highlight.js. Text with any other class has the normal colour. */
const COLOURS: Readonly<Record<string, string>> = {
  keyword: 'k',
  literal: 'k',
  'selector-tag': 'k',
  tag: 'k',
  string: 's',
  regexp: 's',
  char: 's',
  comment: 'c',
  quote: 'c',
  number: 'n',
  symbol: 'n',
  title: 'f',
  section: 'f',
  built_in: 'f',
  type: 't',
  attr: 't',
  attribute: 't',
  meta: 'm',
}

function linesOfTree(root: Root): readonly (readonly CodePiece[])[] {
  const lines: CodePiece[][] = [[]]
  const add = (text: string, colour: string) => {
    const line = lines.at(-1)
    const last = line?.at(-1)
    if (text === '' || !line) return
    if (last?.colour === colour) line[line.length - 1] = { colour, text: last.text + text }
    else line.push({ colour, text })
  }
  const walk = (nodes: readonly RootContent[], colour: string) => {
    for (const node of nodes) {
      if (node.type === 'text') {
        for (const [index, text] of node.value.split('\n').entries()) {
          if (index > 0) lines.push([])
          add(text, colour)
        }
      } else if (node.type === 'element') walk(node.children, colourOf(node.properties.className) ?? colour)
    }
  }
  walk(root.children, '')
  return lines
}

function colourOf(names: unknown): string | undefined {
  const name = Array.isArray(names) ? String(names[0]).replace(/^hljs-/, '') : ''
  return COLOURS[name]
}
