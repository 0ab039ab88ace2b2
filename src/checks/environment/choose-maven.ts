import { coerce, minVersion, satisfies } from 'semver'
import type { MavenWish } from './maven-poms.ts'

/** A Maven to fetch, since the sandbox has none, or not the one that the build asks for. */
export interface ChosenMaven {
  /** A release: `3.9.16`, `4.0.0-rc-4`. */
  readonly version: string
  /** The first wish that the Maven of the sandbox does not meet; undefined if the sandbox has no Maven. */
  readonly unmet: MavenWish | undefined
}

/** The Maven for builds that any new one fits; it needs Java 8 or newer. */
const USUAL = '3.9.16'
const WITH_PREVIEWS = { includePrerelease: true }
const VERSION = /^(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(-[A-Za-z][\w.-]{0,20})?$/
const INTERVAL = /([[(])([^[\]()]{0,80})([\])])/g

/** Chooses a Maven for a build. @param has the version in the sandbox. @returns undefined if that one will do. */
export function chooseMaven(wishes: readonly MavenWish[], has: string | undefined): ChosenMaven | undefined {
  const asked = wishes.flatMap((wish) => {
    const range = mavenRange(wish.wanted)
    return range === undefined ? [] : [{ wish, range }]
  })
  const fits = (version: string, range: string) => satisfies(version, range, WITH_PREVIEWS)
  const here = has === undefined ? undefined : (fullVersion(has) ?? coerce(has)?.version)
  const unmet = asked.find(({ range }) => here !== undefined && !fits(here, range))
  if (here !== undefined && unmet === undefined) return undefined
  const least = asked.flatMap(({ range }) => minVersion(range)?.version ?? [])
  const candidates = [USUAL, ...least]
  const first = unmet ?? asked[0]
  const version =
    candidates.find((one) => asked.every(({ range }) => fits(one, range))) ??
    candidates.find((one) => first !== undefined && fits(one, first.range))
  return version === undefined ? undefined : { version, unmet: unmet?.wish }
}

/**
 * A version, which means that one or a newer one, as in Maven's enforcer; several of CI, where the oldest will do; or a
 * range of Maven, possibly of several intervals. As a range of semver; undefined if it is neither.
 * https://maven.apache.org/enforcer/enforcer-rules/versionRanges.html
 */
function mavenRange(wanted: string): string | undefined {
  const plain = wanted.replaceAll(/\s/g, '')
  const versions = plain.split('||').map(fullVersion)
  if (versions.every((version) => version !== undefined))
    return versions.map((version) => `>=${version}`).join(' || ')
  const intervals = [...plain.matchAll(INTERVAL)]
  const isWhole = intervals.map(([whole]) => whole).join(',') === plain
  const ranges = intervals.map(([, opens = '', inside = '', closes = '']) => interval(opens, inside, closes))
  return isWhole && ranges.length > 0 && ranges.every((range) => range !== undefined)
    ? ranges.join(' || ')
    : undefined
}

function interval(opens: string, inside: string, closes: string): string | undefined {
  const [from = '', to, ...more] = inside.split(',')
  const [least, most] = [from, to ?? from].map((text) => (text === '' ? '' : fullVersion(text)))
  if (more.length > 0 || least === undefined || most === undefined) return undefined
  const parts = [
    least === '' ? '' : `${opens === '[' ? '>=' : '>'}${least}`,
    most === '' ? '' : `${closes === ']' ? '<=' : '<'}${most}`,
  ]
  return parts.filter((part) => part !== '').join(' ') || '*'
}

/** `3.9` is `3.9.0`. */
function fullVersion(text: string): string | undefined {
  const [, major, minor = '0', patch = '0', preview = ''] = VERSION.exec(text) ?? []
  return major === undefined ? undefined : `${Number(major)}.${Number(minor)}.${Number(patch)}${preview}`
}
