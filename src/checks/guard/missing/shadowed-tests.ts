import { type GuardFinding, indentOf, type KeptTest } from '../change/guarded-change.ts'

/** Captures a test of Python or Ruby, which silently keep only the last function of a name. */
const TEST = /^([ \t]*)(?:async\s+)?def\s+(test\w{1,100})/
const CLASS = /^\s*class\s+([\w:]{1,100})/
const CONDITION = /^\s*(?:if|else|elif|try|except|for|with|unless|begin)\b/

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
  // Classes and conditions around the line, the outermost first; a condition has no name.
  const around: { readonly indent: number; readonly name: string | undefined }[] = []
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    const name = TEST.exec(line)?.[2]
    const className = CLASS.exec(line)?.[1]
    const isCondition = CONDITION.test(line)
    if (name === undefined && className === undefined && !isCondition) continue
    const indent = indentOf(line)
    while ((around.at(-1)?.indent ?? -1) >= indent) around.pop()
    if (name === undefined) around.push({ indent, name: className })
    else if (names.has(name) && around.every((one) => one.name !== undefined)) {
      const key = `${around.map((one) => one.name).join('.')} ${indent} ${name}`
      if (seen.has(key)) repeated.add(key)
      seen.add(key)
    }
  }
  return repeated
}
