import { coerce, compare, intersects, minVersion, satisfies, validRange } from 'semver'
import type { Project } from '../project.ts'
import type { InstalledToolchain, Language } from './installed-toolchains.ts'
import type { VersionWish } from './version-wishes.ts'

/** The installed language versions that a project's commands get, and those that are missing. */
export interface ChosenToolchains {
  /** Versions that meet a wish and that PATH does not have already. */
  readonly chosen: readonly InstalledToolchain[]
  /** Newer versions, for wishes that no installed version meets and for which PATH has an older version or none. */
  readonly instead: readonly InstalledToolchain[]
  /** Sentences for people on versions that are not installed. */
  readonly unmet: readonly string[]
  /** Sentences for people on versions that are used because they are close enough. */
  readonly near: readonly string[]
}

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  node: 'Node',
  python: 'Python',
  go: 'Go',
  rust: 'Rust',
  java: 'Java',
  ruby: 'Ruby',
}
/** Names of the even lines of Node, which get long-term support. */
const NODE_LINES: Readonly<Record<string, string>> = {
  gallium: '16',
  hydrogen: '18',
  iron: '20',
  jod: '22',
  krypton: '24',
}
/** From this version on, Go itself fetches the version that `go.mod` asks for from its proxy. */
const GO_FETCHES = '1.21.0'

/** Chooses a version per language, by the first wish for it: the version on PATH if it fits, else the newest that fits. */
export function chooseToolchains(
  wishes: readonly VersionWish[],
  { toolchains: installed, tools }: Pick<Project, 'toolchains' | 'tools'>,
): ChosenToolchains {
  const chosen: InstalledToolchain[] = []
  const instead: InstalledToolchain[] = []
  const unmet: string[] = []
  const near: string[] = []
  const languages = new Set(wishes.map(({ language }) => language))
  for (const language of languages) {
    const wish = wishes.find((one) => one.language === language)
    const here = installed.filter((one) => one.language === language)
    if (wish === undefined) continue
    const range = rangeOf(wish)
    const channel = channelOf(wish)
    const candidates = channel === undefined ? here : here.filter((one) => one.channel === channel)
    const fitting = best(candidates, range) ?? best(candidates, loosely(wish, range))
    // CI tests with several versions, so the project should work with the installed one as well.
    if (fitting === undefined && wish.kind === 'any') continue
    if (fitting === undefined) {
      const onPath = here.find((one) => one.onPath)
      if (isFetched(wish, { onPath, tools })) continue
      const newer = nextNewer(candidates, { range, onPath })
      if (newer !== undefined) instead.push(newer)
      unmet.push(unmetSentence(wish, here, newer ?? onPath))
      continue
    }
    if (!fitting.onPath) chosen.push(fitting)
    if (!fits(fitting, range)) near.push(`${asks(wish)}. ${labelled(fitting)} is used.`)
  }
  return { chosen, instead, unmet, near }
}

function best(here: readonly InstalledToolchain[], range: string): InstalledToolchain | undefined {
  const fitting = here.filter((one) => fits(one, range))
  return (
    fitting.find((one) => one.onPath) ??
    fitting.toSorted((one, other) => compare(asVersion(other), asVersion(one)))[0]
  )
}

/** The oldest installed version above the range: an older version usually lacks what the project uses, a newer one seldom. */
function nextNewer(
  here: readonly InstalledToolchain[],
  { range, onPath }: { readonly range: string; readonly onPath: InstalledToolchain | undefined },
): InstalledToolchain | undefined {
  const least = minVersion(range)
  if (least === null || (onPath !== undefined && compare(asVersion(onPath), least) >= 0)) return undefined
  return here
    .filter((one) => compare(asVersion(one), least) > 0)
    .toSorted((one, other) => compare(asVersion(one), asVersion(other)))[0]
}

function fits(toolchain: InstalledToolchain, range: string): boolean {
  return satisfies(asVersion(toolchain), range)
}

function asVersion({ version }: InstalledToolchain): string {
  return coerce(version)?.version ?? '0.0.0'
}

/** The channel of a wish for Rust: `nightly-2025-01-01` and `beta` are different compilers from the releases. */
function channelOf({ language, wanted }: VersionWish): string | undefined {
  return language === 'rust' ? /^(?:nightly|beta)/.exec(wanted)?.[0] : undefined
}

/** A wish as a semver range. A wish without a version, such as `stable`, accepts any version. */
function rangeOf(wish: VersionWish): string {
  return (channelOf(wish) === undefined ? knownRange(wish) : undefined) ?? '*'
}

function knownRange({ language, wanted, kind }: VersionWish): string | undefined {
  if (kind === 'any') return validRange(wanted.replaceAll(/\bv(?=\d)/g, '')) ?? undefined
  if (kind === 'range') return validRange(language === 'python' ? pythonRange(wanted) : wanted) ?? undefined
  const name = wanted
    .toLowerCase()
    .replace(/^(?:node|python|ruby|go|cpython|v)-?(?=v?\d)/, '')
    .replace(/^v(?=\d)/, '')
  if (language === 'node' && /^(?:lts\/)/.test(name)) return nodeLine(name.slice(4))
  const digits = /\d+(?:\.\d+){0,2}/.exec(name)?.[0]
  // `stable`, `node` and `nightly` accept what is installed.
  if (digits === undefined) return undefined
  if (kind === 'least') return `>=${coerce(digits)?.version ?? digits}`
  // `1.8` of Java is Java 8.
  return validRange(language === 'java' ? digits.replace(/^1\.(?=\d)/, '') : digits) ?? undefined
}

function nodeLine(name: string): string | undefined {
  return NODE_LINES[name] ?? (name === '*' ? '>=20' : undefined)
}

/** Turns a specifier of PEP 440 into a semver range: `>=3.9,<4`, `~=3.10`, `==3.11.*`; `!=3.9.1` is dropped. */
function pythonRange(wanted: string): string {
  return wanted
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !part.startsWith('!='))
    .map((part) =>
      part.startsWith('~=') ? `^${part.slice(2).trim()}` : part.replace(/^={2,3}/, '').replace(/\.\*$/, '.x'),
    )
    .join(' ')
}

/** Widens an exact wish to its release line. Programs break with the minor version; those of Node and Java with the major. */
function loosely({ language, kind }: VersionWish, range: string): string {
  if (kind !== 'exact' || !intersects(range, '>=0.0.0')) return range
  const least = minVersion(range)
  if (least === null) return range
  return language === 'node' || language === 'java' ? `${least.major}` : `${least.major}.${least.minor}`
}

/** Whether the language's own tool downloads the wanted version: rustup does, and Go since `GO_FETCHES`. */
function isFetched(
  { language }: VersionWish,
  { onPath, tools }: { readonly onPath: InstalledToolchain | undefined; readonly tools: ReadonlySet<string> },
): boolean {
  if (language === 'rust') return tools.has('rustup')
  return language === 'go' && onPath !== undefined && compare(asVersion(onPath), GO_FETCHES) >= 0
}

function unmetSentence(
  wish: VersionWish,
  here: readonly InstalledToolchain[],
  given: InstalledToolchain | undefined,
): string {
  const label = LANGUAGE_NAMES[wish.language]
  const versions = [...new Set(here.map(({ version }) => version))]
  if (versions.length === 0) {
    return `${asks(wish)}, and the sandbox has no ${label}. Commands that need it will fail.`
  }
  const used = given === undefined ? 'Commands get none of them' : `Commands get ${given.version}`
  return `${asks(wish)}, and the sandbox has only ${versions.join(', ')}. ${used}.`
}

function asks({ language, wanted, source }: VersionWish): string {
  const file = source.includes('`') ? source : `\`${source}\``
  return `${file} asks for ${LANGUAGE_NAMES[language]} \`${wanted}\``
}

function labelled({ language, version }: InstalledToolchain): string {
  return `${LANGUAGE_NAMES[language]} ${version}`
}
