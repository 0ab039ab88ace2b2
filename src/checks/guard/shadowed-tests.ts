import type { GuardFinding, KeptTest } from './guarded-change.ts'

/** Captures a test of Python or Ruby, which silently keep only the last function of a name. */
const TEST = /^([ \t]*)(?:async\s+)?def\s+(test\w{1,100})/
const CLASS = /^\s*class\s+([\w:]{1,100})/

/** Reports existing tests that a later test of the same name replaces. */
export function shadowedTests({ file, added }: KeptTest): readonly GuardFinding[] {
  if (!/\.(?:py|rb)$/.test(file.path) || !file.before || !file.bytes) return []
  const names = new Set(added.flatMap((line) => TEST.exec(line)?.[2] ?? []))
  if (names.size === 0) return []
  const [before, now] = [file.before, file.bytes].map((bytes) => repeatedIn(bytes, names))
  const fresh = [...(now ?? [])].filter((one) => before?.has(one) !== true)
  if (fresh.length === 0) return []
  return [
    { text: `\`${file.path}\` has two tests of one name, and only the last one runs`, weight: 'reason' },
  ]
}

/** Names, with class and indentation, that are defined twice. Definitions below a condition do not count. */
function repeatedIn(bytes: Uint8Array, names: ReadonlySet<string>): ReadonlySet<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  let place: string | undefined = ''
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    const [, indent = '', name] = TEST.exec(line) ?? []
    if (name === undefined || !names.has(name)) {
      place = placeAfter(line, place)
      continue
    }
    if (indent === '') place = ''
    if (place === undefined) continue
    const key = `${place} ${indent.length} ${name}`
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
  }
  return repeated
}

/** The class that the next lines belong to; undefined below something else, such as a condition. */
function placeAfter(line: string, place: string | undefined): string | undefined {
  const name = CLASS.exec(line)?.[1]
  if (name !== undefined) return name
  return /^(?:if|else|elif|try|except|for|with|unless|begin)\b/.test(line) ? undefined : place
}
