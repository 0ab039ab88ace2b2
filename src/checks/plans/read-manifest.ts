import { parse as parseToml } from 'smol-toml'
import { z } from 'zod'

/** A larger manifest is not read. */
const MAX_CHARACTERS = 64 * 1024

const table = z.record(z.string(), z.unknown())
type Table = Readonly<Record<string, unknown>>

/** Parses a TOML file; empty if there is none, or if it is too large or cannot be parsed. */
export function readToml(text: string | undefined): Table {
  if (text === undefined || text.length > MAX_CHARACTERS) return {}
  try {
    return parseToml(text)
  } catch {
    return {}
  }
}

/** Parses a JSON file; undefined if it cannot be parsed or is not an object. */
export function readJsonObject(text: string | undefined): Table | undefined {
  try {
    return table.safeParse(JSON.parse(text ?? '')).data
  } catch {
    return undefined
  }
}

/** The value at a path of keys; undefined if one of them is missing. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => {
    const parsed = table.safeParse(at).data
    return parsed !== undefined && Object.hasOwn(parsed, key) ? parsed[key] : undefined
  }, value)
}

/** The strings of a list at a path of keys, or the single string there; empty for anything else. */
export function stringsIn(value: unknown, path: readonly string[]): readonly string[] {
  const found = valueAt(value, path)
  const list: readonly unknown[] = Array.isArray(found) ? found : [found]
  return list.filter((one) => typeof one === 'string')
}

/** The keys of the object at a path of keys; empty if there is none. */
export function keysIn(value: unknown, path: readonly string[]): readonly string[] {
  return Object.keys(table.safeParse(valueAt(value, path)).data ?? {})
}
