import { posix } from 'node:path'
import type { Project } from '../checks/project.ts'
import { isRecord } from '../text/is-record.ts'
import { jsonOrUndefined } from '../text/json-or-undefined.ts'
import { breathe } from '../time/breathe.ts'
import type { VerifiedFile } from './verified-file.ts'

interface Text {
  readonly text: string
  /** Folders. The paths in the text are relative to one of them. */
  readonly folders: readonly string[]
  /** True for a file, which names much else besides programs. */
  readonly isFile: boolean
}

/** Characters that are read of each text; scripts and recipes are shorter. */
const MAX_CHARS = 20_000
/** The most texts, since scripts call scripts that call scripts. */
const MAX_TEXTS = 50
/** The most words of each text. */
const MAX_WORDS = 2_000
/** Characters of a word; paths are shorter. */
const MAX_WORD = 300
/** The most folders from which paths of a text may start. */
const MAX_PLACES = 10

/** Files in which these programs look up their recipes. */
const RECIPES: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile', 'Makefile'],
  gmake: ['GNUmakefile', 'makefile', 'Makefile'],
  just: ['justfile', '.justfile', 'Justfile'],
  task: ['Taskfile.yml', 'Taskfile.yaml'],
  tox: ['tox.ini'],
  nox: ['noxfile.py'],
  rake: ['Rakefile'],
  composer: ['composer.json'],
  deno: ['deno.json', 'deno.jsonc'],
}

/** Paths of scripts and includes, which a script or recipe runs. Sources that it builds do not match. */
const SCRIPT = /\.(?:sh|bash|zsh|bats|ps1|ma?k|make|inc|rc|env)$|\/[\w-]+$/
const SCRIPT_IN_CODE = /\.(?:[cm]?js|ts|py|rb|pl|php|exs|lua|awk)$/
const SOURCE_FOLDER = /(?:^|\/)(?:src|lib|app|pkg|internal|cmd|sources?)\//i

/** Paths that the checks name, and the scripts and recipes that they run, directly or through others. */
export async function programsOfChecks(
  commands: readonly string[],
  { project, files }: { readonly project: Project; readonly files: readonly VerifiedFile[] },
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const known = new Set<string>()
  const texts: Text[] = []
  const add = (text: Text) => {
    const key = `${text.folders.join(' ')}\n${text.text}`
    if (known.has(key) || texts.length >= MAX_TEXTS) return
    known.add(key)
    texts.push(text)
  }
  const changed = new Map(files.map(({ path, bytes }) => [path, bytes]))
  async function read(path: string): Promise<string | undefined> {
    const bytes = changed.get(path)
    return bytes ? Buffer.from(bytes.subarray(0, MAX_CHARS)).toString() : await project.read(path)
  }
  async function follow(path: string, folders: readonly string[]): Promise<void> {
    const text = texts.length < MAX_TEXTS ? await read(path) : undefined
    if (text !== undefined)
      add({ text, folders: [...new Set([...folders, posix.dirname(path)])], isFile: true })
  }

  for (const text of commands) add({ text, folders: [''], isFile: false })
  for (const { text, folders, isFile } of texts) {
    await breathe()
    const words = text
      .slice(0, MAX_CHARS)
      .split(/[^\w@./:+-]+/, MAX_WORDS)
      .filter((word) => word.length <= MAX_WORD)
    const inside = words.filter((_, at) => MOVES.test(words[at - 1] ?? ''))
    const places = [...new Set([...folders, ...inside])].slice(0, MAX_PLACES)
    for (const word of new Set(words)) {
      const mayBe = isFile
        ? SCRIPT.test(word) || (SCRIPT_IN_CODE.test(word) && !SOURCE_FOLDER.test(word))
        : /[./]/.test(word)
      for (const place of places) {
        if (mayBe) {
          const path = posix.join(place, word)
          if (!found.has(path)) await follow(path, places)
          found.add(path)
        }
        for (const recipe of Object.hasOwn(RECIPES, word) ? (RECIPES[word] ?? []) : [])
          await follow(posix.join(place, recipe), places)
      }
    }
    for (const place of places)
      for (const script of await scriptsOf(place, words, read))
        add({ text: script, folders: [place], isFile: false })
  }
  return found
}

const MOVES = /^(?:cd|-C|--prefix|--cwd|--dir)$/

/** The scripts in a `package.json` that the words name. */
async function scriptsOf(
  folder: string,
  words: readonly string[],
  read: Project['read'],
): Promise<readonly string[]> {
  const manifest = jsonOrUndefined((await read(posix.join(folder, 'package.json'))) ?? '')
  const scripts: unknown = isRecord(manifest) ? manifest.scripts : undefined
  if (!isRecord(scripts)) return []
  return [...new Set(words)]
    .flatMap((word) => [`pre${word}`, word, `post${word}`])
    .flatMap((name) => {
      const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined
      return typeof script === 'string' ? [script] : []
    })
}
