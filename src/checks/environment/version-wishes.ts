import { parse as parseToml } from 'smol-toml'
import { z } from 'zod'
import type { CiVersion } from '../plans/ci/ci-line.ts'
import type { Project } from '../project.ts'
import type { Language } from './installed-toolchains.ts'
import type { MavenWish } from './maven-poms.ts'

/** A version that a file of the repository asks for. */
export interface VersionWish {
  readonly language: Language
  /** The version as the file writes it: `20`, `v22.3.0`, `>=3.10`, `temurin-17`, `stable`. */
  readonly wanted: string
  /**
   * `exact`: this version. `range`: every version in the range will do, such as that of `engines`. `least`: this version or
   * a later one. `any`: one of the versions that CI tests with, `18 || 20`.
   */
  readonly kind: 'exact' | 'range' | 'least' | 'any'
  /** The file that asks, or for manifests also its key, for people. */
  readonly source: string
}

/** The versions that the files of a repository ask for. */
export interface VersionWishes {
  /** In order of precedence: the first wish for a language counts. Ranges come after versions, wishes of CI last. */
  readonly wishes: readonly VersionWish[]
  /** Tools whose versions Backspace does not know how to find: `elixir 1.15.7` of `.tool-versions`. */
  readonly unknown: readonly { readonly tool: string; readonly source: string }[]
  /** Wishes for Maven, which `readMavenNeeds` completes. */
  readonly maven: readonly MavenWish[]
}

const MAX_CHARACTERS = 64 * 1024
const MAX_WANTED = 60

/** The names that version managers use for the languages. */
const NAMES: Readonly<Record<string, Language>> = {
  node: 'node',
  nodejs: 'node',
  python: 'python',
  go: 'go',
  golang: 'go',
  rust: 'rust',
  java: 'java',
  ruby: 'ruby',
}
/** Other implementations of a language, as version managers name them: `pypy3.9`, `jruby-9.4`. Their versions are not its own. */
const OTHER = /^(pypy|graalpy|jruby|truffleruby|miniconda|anaconda|miniforge)(?=\d|-|$)-?(.{0,30})$/
/** Package managers, which are ignored here: the project's plan fetches the version that the project names. */
const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun', 'uv', 'poetry'])

const MAVEN = 'maven '

type Found = VersionWish | { readonly tool: string; readonly source: string }
type Reader = (text: string, source: string) => readonly Found[]

/** Files, the most specific first: those of one language, those of version managers, then ranges in manifests. */
const READERS: readonly (readonly [file: string, reader: Reader])[] = [
  ['.nvmrc', line('node')],
  ['.node-version', line('node')],
  ['.python-version', line('python')],
  ['.ruby-version', line('ruby')],
  ['.java-version', line('java')],
  ['rust-toolchain.toml', readRustToolchain],
  ['rust-toolchain', readRustToolchain],
  ['.tool-versions', readToolVersions],
  ['.sdkmanrc', readSdkmanrc],
  ['mise.toml', readMise],
  ['.mise.toml', readMise],
  ['go.mod', readGoMod],
  ['package.json', readPackageJson],
  ['pyproject.toml', readPyproject],
]

/**
 * Reads the version files at the root of the repository. Files that cannot be read ask for nothing.
 *
 * @param ofCi versions that CI installs; they count only for languages that no file mentions.
 */
export async function readVersionWishes(
  project: Project,
  ofCi: readonly CiVersion[] = [],
): Promise<VersionWishes> {
  const found: Found[] = []
  for (const [file, reader] of READERS) {
    const text = await project.read(file)
    if (text !== undefined && text.length <= MAX_CHARACTERS) found.push(...reader(text, file))
  }
  const wishes = found.filter((one) => 'language' in one)
  const others = unknownTools(found, ofCi)
  return {
    wishes: [
      ...wishes.filter(({ kind }) => kind !== 'range'),
      ...wishes.filter(({ kind }) => kind === 'range'),
      ...ofCi.flatMap((one) => {
        if ('tool' in one || wishes.some(({ language }) => language === one.language)) return []
        return wish(one.language, { wanted: anyOf(one), source: one.file, kind: 'any' })
      }),
    ],
    unknown: others.filter(({ tool }) => !tool.startsWith(MAVEN)),
    maven: others.flatMap(({ tool, source }) =>
      tool.startsWith(MAVEN) ? [{ wanted: tool.slice(MAVEN.length), source }] : [],
    ),
  }
}

/** Tools that the files name, and tools that only CI installs. */
function unknownTools(found: readonly Found[], ofCi: readonly CiVersion[]): VersionWishes['unknown'] {
  const ofFiles = found.flatMap((one) => ('tool' in one ? [one] : []))
  const known = new Set(ofFiles.map(({ tool }) => tool.split(' ', 1)[0]))
  const more = new Map<string, { readonly tool: string; readonly source: string }>()
  for (const one of ofCi) {
    if (!('tool' in one) || known.has(one.tool) || more.has(one.tool)) continue
    more.set(one.tool, { tool: `${one.tool} ${anyOf(one)}`, source: one.file })
  }
  return [...ofFiles, ...more.values()]
}

function anyOf({ anyOf: versions }: CiVersion): string {
  return [...new Set(versions)].slice(0, 8).join(' || ')
}

/** A list with one wish; empty if `wanted` is not a version, such as a path or another tool's syntax. */
export function wish(
  language: Language,
  {
    wanted,
    source,
    kind = 'exact',
  }: { readonly wanted: unknown; readonly source: string; readonly kind?: VersionWish['kind'] },
): readonly VersionWish[] {
  const text = typeof wanted === 'number' ? String(wanted) : wanted
  if (typeof text !== 'string' || text.length > MAX_WANTED) return []
  const plain = text.trim()
  return /^[\w.*^~<>=!,| +/@-]+$/.test(plain) && !/^(?:latest|system|none)$/i.test(plain)
    ? [{ language, wanted: plain, kind, source }]
    : []
}

/** Reads the first line that is not a comment. */
function line(language: Language): Reader {
  return (text, source) => {
    const wanted = text.split('\n').find((one) => one.trim() !== '' && !one.startsWith('#'))
    return named(language, wanted?.trim(), source)
  }
}

function named(tool: string, wanted: unknown, source: string): readonly Found[] {
  const [, other, rest] = (typeof wanted === 'string' ? OTHER.exec(wanted) : undefined) ?? []
  if (other !== undefined) return named(other, rest, source)
  const language = Object.hasOwn(NAMES, tool) ? NAMES[tool] : undefined
  if (language !== undefined) return wish(language, { wanted, source })
  if (MANAGERS.has(tool) || !/^[\w-]{1,40}$/.test(tool)) return []
  const version = typeof wanted === 'string' && /^[\w.-]{1,30}$/.test(wanted) ? ` ${wanted}` : ''
  return [{ tool: `${tool}${version}`, source }]
}

/** Reads lines such as `nodejs 20.1.0 18.0.0`; the first version counts. */
function readToolVersions(text: string, source: string): readonly Found[] {
  return text.split('\n').flatMap((one) => {
    const [tool = '', wanted] = (one.split('#', 1)[0] ?? '').trim().split(/[ \t]+/)
    return wanted === undefined ? [] : named(tool, wanted, source)
  })
}

/** Reads lines such as `java=21.0.2-tem`. */
function readSdkmanrc(text: string, source: string): readonly Found[] {
  return text.split('\n').flatMap((one) => {
    const [tool = '', wanted] = one.trim().split('=')
    return wanted === undefined || tool.startsWith('sdkman') ? [] : named(tool.trim(), wanted.trim(), source)
  })
}

const tools = z.object({ tools: z.record(z.string(), z.unknown()).catch({}) })

function readMise(text: string, source: string): readonly Found[] {
  const parsed = tools.safeParse(toml(text)).data?.tools ?? {}
  return Object.entries(parsed).flatMap(([tool, said]) => {
    const first: unknown = Array.isArray(said) ? said[0] : said
    const wanted = first !== null && typeof first === 'object' && 'version' in first ? first.version : first
    return named(tool, wanted, source)
  })
}

const rust = z.object({ toolchain: z.object({ channel: z.string() }) })

function readRustToolchain(text: string, source: string): readonly VersionWish[] {
  const channel = rust.safeParse(toml(text)).data?.toolchain.channel
  return wish('rust', { wanted: channel ?? (text.includes('[') ? undefined : text), source })
}

/** In `go.mod`, `go` is the minimum version and `toolchain` the preferred one, which is never below it. */
function readGoMod(text: string, source: string): readonly VersionWish[] {
  const said = /^toolchain[ \t]+go(\d[\w.]*)/m.exec(text)?.[1] ?? /^go[ \t]+(\d[\w.]*)/m.exec(text)?.[1]
  return wish('go', { wanted: said, source, kind: 'least' })
}

const manifest = z.object({
  volta: z.object({ node: z.string().optional() }).optional().catch(undefined),
  engines: z.object({ node: z.string().optional() }).optional().catch(undefined),
})

function readPackageJson(text: string): readonly VersionWish[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return []
  }
  const { volta, engines } = manifest.safeParse(json).data ?? {}
  return [
    ...wish('node', { wanted: volta?.node, source: '`volta` in package.json' }),
    ...wish('node', { wanted: engines?.node, source: '`engines` in package.json', kind: 'range' }),
  ]
}

const pyproject = z.object({
  project: z.object({ 'requires-python': z.string() }).optional().catch(undefined),
})

function readPyproject(text: string): readonly VersionWish[] {
  const wanted = pyproject.safeParse(toml(text)).data?.project?.['requires-python']
  return wish('python', { wanted, source: '`requires-python` in pyproject.toml', kind: 'range' })
}

function toml(text: string): unknown {
  try {
    return parseToml(text)
  } catch {
    return undefined
  }
}
