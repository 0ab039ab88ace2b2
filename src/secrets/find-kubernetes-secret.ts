import type { Range } from './rule.ts'

const KIND = /kind:[ \t]{0,4}["']?secret["']?[ \t]{0,40}(?=[\r\n]|$)/iy
/** Most characters between `kind: Secret` and its data. */
const REACH = 800
const DATA = /(?:^|\n)([ \t]{0,20})data:[ \t]{0,20}\r?\n/
const ENTRY =
  /\s[\w.-]{1,100}:[ \t]{0,4}(?:(?:\||>[-+]?)\s{1,40})?["']?([A-Za-z0-9+/]{10,100000}={0,3})["']?(?=\s|$)/

/** Finds the first value of a Kubernetes Secret, which is in base64 and so not hidden at all. */
export function findKubernetesSecret(text: string, at: number): Range | undefined {
  KIND.lastIndex = at
  if (!KIND.test(text)) return undefined
  const from = Math.max(0, at - REACH)
  const before = text.slice(from, at)
  const start = from + Math.max(0, before.lastIndexOf('\n---') + 1)
  const after = text.slice(at, at + REACH)
  const next = after.indexOf('\n---')
  const document = text.slice(start, at + (next === -1 ? after.length : next))
  const data = DATA.exec(document)
  if (!data) return undefined
  const entries = data.index + data[0].length - 1
  const entry = ENTRY.exec(document.slice(entries, entries + 400))
  const value = entry?.[1]
  if (!entry || value === undefined) return undefined
  const first = start + entries + entry.index + entry[0].lastIndexOf(value)
  return { start: first, end: first + value.length }
}
