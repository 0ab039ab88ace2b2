import { coerce, compare } from 'semver'
import { isRecord } from '../../../text/is-record.ts'

/** The values of one combination of a matrix, such as `3.12` for `python-version`; those in objects by path, `config.os`. */
export type Combination = ReadonlyMap<string, string>

const MOST_COMBINATIONS = 6
const PLATFORM = /ubuntu|linux|windows|macos|darwin|debian|fedora|alpine/i
const LINUX = /ubuntu|linux|debian/i
/** Keys whose values are versions of a tool, one of them being enough. */
const VERSIONS =
  /version|python|node|\bgo\b|golang|java|jdk|php|ruby|rust|toolchain|otp|elixir|dotnet|ghc|scala|gcc|clang|compiler|dart|swift|channel|julia|^r$|perl|ocaml|zig|nim|arch|target|build.?type|^cc$|^cxx$/i

/**
 * The combinations of a matrix that a sandbox may run: those on Linux, with one version of each tool and with every value of
 * other keys, such as folders and suites. Without a matrix, one empty combination; if none is on Linux, an empty list.
 */
export function narrowMatrix(matrix: unknown): readonly Combination[] {
  if (!isRecord(matrix)) return [new Map()]
  let combinations: readonly Combination[] = [new Map()]
  const keys = Object.entries(matrix).filter(([key]) => key !== 'include' && key !== 'exclude')
  const included = (Array.isArray(matrix.include) ? matrix.include : []).filter(isRecord).slice(0, 50)
  const more = included.map(
    (one) => new Map(Object.entries(one).flatMap(([key, value]) => [...flatten(key, value)])),
  )
  const onLinux = more.filter((one) => ![...one.values()].some(isElsewhere))
  for (const [key, said] of keys) {
    if (!Array.isArray(said)) continue
    const values = said.every(isRecord) ? narrowObjects(key, said) : narrow(key, said.slice(0, 50))
    // If the lists only have other platforms, entries under `include` may still be for Linux.
    if (values.length === 0 && said.length > 0) {
      const here = onLinux.filter(isOfLinux)
      return here.length === 0 ? [] : onePerTarget(here)
    }
    combinations = combinations
      .flatMap((one) => values.map((value) => new Map([...one, ...flatten(key, value)])))
      .slice(0, MOST_COMBINATIONS)
  }
  // Without lists of values, the entries under `include` are the whole matrix.
  if (keys.length === 0) return more.length > 0 && onLinux.length === 0 ? [] : onePerTarget(onLinux)
  const names = new Set(combinations.flatMap((one) => [...one.keys()]))
  const extended = combinations.map((one) => onLinux.filter((add) => fits(add, one, names)).reduce(join, one))
  const known = new Set(extended.map(targetOf))
  const added = onLinux.filter((add) => isOther(add, keys) && !known.has(targetOf(add)))
  return [...extended, ...(added.length === 0 ? [] : onePerTarget(added))].slice(0, 2 * MOST_COMBINATIONS)
}

function isOfLinux(entry: Combination): boolean {
  return [...entry.values()].some((value) => LINUX.test(value))
}

/** Whether an entry under `include` has a value that no list has, so that it is a combination of its own. */
function isOther(add: Combination, keys: readonly (readonly [string, unknown])[]): boolean {
  return keys.some(([key, said]) => {
    const value = add.get(key.toLowerCase())
    const isNew = value !== undefined && Array.isArray(said) && !said.some((one) => scalar(one) === value)
    return isNew && tells(key)
  })
}

/** Whether an entry extends a combination: it has the same values for the keys of the lists. */
function fits(add: Combination, to: Combination, names: ReadonlySet<string>): boolean {
  return [...add].every(([key, value]) => !names.has(key) || to.get(key) === value)
}

function join(one: Combination, add: Combination): Combination {
  return new Map([...one, ...add])
}

/** The objects of a list that are on Linux, one for each target, since they may build or test in different ways. */
function narrowObjects(
  key: string,
  values: readonly Readonly<Record<string, unknown>>[],
): readonly Readonly<Record<string, unknown>>[] {
  const first = new Map<string, Readonly<Record<string, unknown>>>()
  const texts = values.slice(0, 50).map((value) => JSON.stringify(value))
  const isByPlatform = 2 * texts.filter((text) => PLATFORM.test(text)).length > texts.length
  for (const [at, value] of values.slice(0, 50).entries()) {
    const text = texts[at] ?? ''
    if (isByPlatform ? !LINUX.test(text) || /arm|aarch/i.test(text) : isElsewhere(text)) continue
    const id = targetOf(flatten(key, value))
    if (!first.has(id)) first.set(id, value)
  }
  return [...first.values()].slice(0, MOST_COMBINATIONS)
}

function narrow(key: string, values: readonly unknown[]): readonly unknown[] {
  const texts = values.map((value) => JSON.stringify(value) ?? '')
  const platforms = texts.filter((text) => PLATFORM.test(text))
  if (platforms.length > texts.length / 2) {
    const first = values.find((_, at) => LINUX.test(texts[at] ?? '') && !/arm|aarch/i.test(texts[at] ?? ''))
    return first === undefined ? [] : [first]
  }
  return isVersioned(key, values) ? [newest(values)] : values.filter((_, at) => !isElsewhere(texts[at] ?? ''))
}

function isVersioned(key: string, values: readonly unknown[]): boolean {
  return (
    VERSIONS.test(key) ||
    values.every(
      (value) => typeof value === 'number' || (typeof value === 'string' && /^v?\d[\d.x]*$/.test(value)),
    )
  )
}

/**
 * The version that people use: one by such a name, since numbers beside it are the oldest ones that are supported, else the
 * newest one. The first value if none is a version.
 */
function newest(values: readonly unknown[]): unknown {
  const named = values.find((value) => /^(?:stable|latest|release)$/.test(scalar(value)))
  if (named !== undefined) return named
  const versions = values.filter(
    (value) =>
      typeof value === 'number' ||
      (typeof value === 'string' && /^(?:[<>=~^ ]{0,4}|v)\d[\d.x*]*$/.test(value)),
  )
  const sorted = versions.toSorted((a, b) =>
    compare(coerce(String(b)) ?? '0.0.0', coerce(String(a)) ?? '0.0.0'),
  )
  return sorted[0] ?? values[0]
}

/** The first entry of each target, see `targetOf`. Entries for versions to come count only if all are for these. */
function onePerTarget(entries: readonly Combination[]): readonly Combination[] {
  const seen = new Set<string>()
  const released = entries.filter(
    (entry) => ![...entry].some(([key, value]) => VERSIONS.test(key) && /^(?:nightly|beta)\b/.test(value)),
  )
  const kept = (released.length > 0 ? released : entries).filter((entry) => {
    const id = targetOf(entry)
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
  return kept.length === 0 ? [new Map()] : kept.slice(0, MOST_COMBINATIONS)
}

/** The target that an entry tests: its values other than versions, platforms and names. */
function targetOf(entry: Combination): string {
  const telling = [...entry].filter(([key]) => tells(key))
  return JSON.stringify(telling.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function tells(key: string): boolean {
  return !VERSIONS.test(key) && !/(?:^|\.)(?:name|label|os|runs-on|runner|experimental)$/i.test(key)
}

function isElsewhere(text: string): boolean {
  return /windows|macos|darwin|freebsd|\barm64\b|aarch64/i.test(text) && !LINUX.test(text)
}

function flatten(key: string, value: unknown): Combination {
  if (!isRecord(value)) return new Map([[key.toLowerCase(), scalar(value)]])
  return new Map(Object.entries(value).map(([inner, one]) => [`${key}.${inner}`.toLowerCase(), scalar(one)]))
}

function scalar(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : ''
}
