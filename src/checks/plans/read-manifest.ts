import { parse as parseToml } from 'smol-toml'
import { z } from 'zod'

/** A larger manifest is not read. */
const MAX_CHARACTERS = 64 * 1024

const table = z.record(z.string(), z.unknown())
type Table = Readonly<Record<string, unknown>>

/** A TOML file; empty if there is none, or it cannot be read. */
export function readToml(text: string | undefined): Table {
  if (text === undefined || text.length > MAX_CHARACTERS) return {}
  try {
    return parseToml(text)
  } catch {
    return {}
  }
}

/** A JSON file with an object; undefined if it is none. */
export function readJsonObject(text: string | undefined): Table | undefined {
  try {
    return table.safeParse(JSON.parse(text ?? '')).data
  } catch {
    return undefined
  }
}

/** What is at a path of keys; undefined if one of them is missing. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => {
    const parsed = table.safeParse(at).data
    return parsed !== undefined && Object.hasOwn(parsed, key) ? parsed[key] : undefined
  }, value)
}

/** The texts of a list at a path of keys, or the one that is there; none if there is something else. */
export function stringsIn(value: unknown, path: readonly string[]): readonly string[] {
  const found = valueAt(value, path)
  const list: readonly unknown[] = Array.isArray(found) ? found : [found]
  return list.filter((one) => typeof one === 'string')
}

/** The keys of an object at a path of keys. */
export function keysIn(value: unknown, path: readonly string[]): readonly string[] {
  return Object.keys(table.safeParse(valueAt(value, path)).data ?? {})
}
