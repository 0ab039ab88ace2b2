import { isRecord } from '../../text/is-record.ts'
import { SCRIPT_NAME } from './check-lines.ts'
import type { GuardedFile, ReadFile } from './guarded-change.ts'

/** Does nothing, and succeeds. */
const NOTHING = /^\s*(?:echo\b[^&|;]{0,200}|true|:|exit 0|node -e ["']{2})\s*$/
const SCRIPT_LINE = /^\s*"([\w:.-]{1,80})"\s*:\s*"((?:[^"\\]|\\.){0,2000})"/

/**
 * Whether a manifest of Node runs less, or something else, in scripts that checks are called by. More commands behind those of
 * before, or another name for all of them, is none.
 */
export function changesScripts(read: ReadFile): boolean {
  const { file, added, removed } = read
  const before = scriptsOf(file, file.before) ?? scriptLines(removed)
  const after = scriptsOf(file, file.bytes) ?? scriptLines(added)
  const everywhere = new Set([...after.values()].flatMap(stepsOf))
  const lostOne = [...before].some(([name, command]) => {
    const now = after.get(name)
    if (now === command) return false
    if (now !== undefined && NOTHING.test(now) && !NOTHING.test(command)) return true
    if (!SCRIPT_NAME.test(name) || NOTHING.test(command)) return false
    const left = now === undefined ? everywhere : new Set(stepsOf(now))
    return stepsOf(command).some((step) => !left.has(step))
  })
  const isPart = scriptsOf(file, file.before) === undefined
  // Runs around a check, unasked.
  const around = [...after.keys()].some((name) => {
    const inner = name.replace(/^(?:pre|post)/, '')
    return inner !== name && !before.has(name) && SCRIPT_NAME.test(inner) && (isPart || before.has(inner))
  })
  // A whole manifest in one line, or cut off.
  const isUnread = before.size === 0 && removed.some((line) => /"scripts"\s*:.*"test\w*"\s*:/.test(line))
  return lostOne || around || isUnread
}

function stepsOf(command: string): readonly string[] {
  return command.split('&&').map((step) => step.replace(/\s+/g, ' ').trim())
}

/** Undefined if the manifest is not known or cannot be read. */
function scriptsOf(
  { path }: GuardedFile,
  bytes: Uint8Array | null | undefined,
): ReadonlyMap<string, string> | undefined {
  if (!bytes || !path.endsWith('package.json')) return undefined
  try {
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (!isRecord(manifest) || !isRecord(manifest.scripts)) return new Map()
    const all = Object.entries(manifest.scripts)
    return new Map(
      all.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
    )
  } catch {
    return undefined
  }
}

function scriptLines(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const [, name, command] = SCRIPT_LINE.exec(line) ?? []
      return name === undefined || command === undefined ? [] : [[name, command] as const]
    }),
  )
}
