import { isRecord } from '../../../text/is-record.ts'
import type { GuardedFile, ReadFile } from '../change/guarded-change.ts'
import { SCRIPT_NAME } from './check-lines.ts'
import { createRunsAsMuch } from './runs-as-much.ts'

/** Matches a command that does nothing and succeeds. */
const NOTHING = /^\s*(?:echo\b[^&|;]{0,200}|true|:|exit 0|node -e ["']{2})\s*$/
const SCRIPT_LINE = /^\s*"([\w:.-]{1,80})"\s*:\s*"((?:[^"\\]|\\.){0,2000})"/

/**
 * True if the scripts by which a manifest of Node, Deno or Composer runs checks do less, or something else.
 * Additional commands after the existing ones and a new name for all of them do not count.
 */
export function changesScripts(read: ReadFile): boolean {
  const { file, added, removed } = read
  const before = scriptsOf(file, file.before) ?? scriptLines(removed)
  const after = scriptsOf(file, file.bytes) ?? scriptLines(added)
  const everywhere = new Set([...after.values()].flatMap(stepsOf))
  const isAnywhere = createRunsAsMuch(everywhere)
  const lostOne = [...before].some(([name, command]) => {
    const now = after.get(name)
    if (now === command) return false
    if (now !== undefined && NOTHING.test(now) && !NOTHING.test(command)) return true
    if (now !== undefined && losesChecker(command, now, everywhere)) return true
    if (!SCRIPT_NAME.test(name) || NOTHING.test(command)) return false
    const left = now === undefined ? everywhere : new Set(stepsOf(now))
    const runsAsMuch = now === undefined ? isAnywhere : createRunsAsMuch(left)
    return stepsOf(command).some((step) => !left.has(step) && !runsAsMuch(step))
  })
  const isPart = scriptsOf(file, file.before) === undefined
  // A new `pre` or `post` script runs around a check.
  const around = [...after.keys()].some((name) => {
    const inner = name.replace(/^(?:pre|post)/, '')
    return inner !== name && !before.has(name) && SCRIPT_NAME.test(inner) && (isPart || before.has(inner))
  })
  // The manifest is one line, or was cut off.
  const isUnread = before.size === 0 && removed.some((line) => /"scripts"\s*:.*"test\w*"\s*:/.test(line))
  return lostOne || around || isUnread
}

/** Matches a command that only checks and builds nothing. */
const CHECKER =
  /^(?:(?:npx|pnpm|yarn|bunx?|npm run|exec|run)\s+){0,2}(?:tsc\b(?!.*--(?:emitDeclarationOnly|outDir))|vue-tsc|svelte-check|astro check|eslint|oxlint|stylelint|biome (?:check|lint|ci)|prettier --check|vitest|jest|mocha|ava|attw|publint|tsd|knip|flow check|mypy|ruff check|lint\S*|test\S*|typecheck\S*|type-check\S*|check\S*)(?:\s|$)/

/** True if a script is the same except that a step that checks is gone from all scripts. */
function losesChecker(command: string, now: string, everywhere: ReadonlySet<string>): boolean {
  const [before, after] = [stepsOf(command), stepsOf(now)]
  if (after.some((step) => !before.includes(step))) return false
  return before.some((step) => CHECKER.test(step) && !everywhere.has(step))
}

function stepsOf(command: string): readonly string[] {
  return command.split('&&').map((step) => step.replace(/\s+/g, ' ').trim())
}

/** The scripts of a manifest, by name. Undefined if its contents are not known or cannot be parsed. */
function scriptsOf(
  { path }: GuardedFile,
  bytes: Uint8Array | null | undefined,
): ReadonlyMap<string, string> | undefined {
  if (!bytes) return undefined
  try {
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const scripts = isRecord(manifest)
      ? path.endsWith('package.json')
        ? manifest.scripts
        : (manifest.scripts ?? manifest.tasks)
      : undefined
    if (!isRecord(scripts)) return new Map()
    return new Map(
      Object.entries(scripts).flatMap(([name, value]) => {
        const command = Array.isArray(value) ? value.join(' && ') : value
        return typeof command === 'string' ? [[name, command] as const] : []
      }),
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
