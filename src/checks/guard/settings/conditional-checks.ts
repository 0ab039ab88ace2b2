import { linesNow } from '../change/around-line.ts'
import type { GuardedLine, ReadFile } from '../change/guarded-change.ts'

const OPENS = /^\s*(?:if\b|ifdef\b|ifndef\b|ifn?eq\b|case\b)/
const OTHERWISE = /^\s*(?:else|elif|elseif)\b/
const CLOSES = /^\s*(?:fi|endif|esac|end)\b/
/** Matches commands that run checks, and calls by which CMake finds tests. */
const RUNS_CHECK =
  /\b(?:npm|pnpm|yarn|bun|npx|go|cargo|make|mvn|gradle\w?|dotnet|mix|uv|poetry)\s.{0,80}\b(?:test|lint|check|vet|clippy|verify)\b|^\s*(?:pytest|tox|jest|vitest|mocha|eslint|ruff|mypy|tsc|phpunit|rspec|ctest)\b|^\s*(?:add_test|\w{0,20}_?discover_tests)\s*\(/
const REACH = 8

/** True if existing checks now run only under a condition that has no other branch. */
export function putsChecksBehind({ hunks, removed }: Pick<ReadFile, 'hunks' | 'removed'>): boolean {
  const gone = new Set(removed.map((line) => line.trim()))
  return hunks.some((lines) => {
    const now = linesNow(lines)
    return now.some(
      ({ sign, text }, at) =>
        sign === '+' && OPENS.test(text) && !gone.has(text.trim()) && holdsCheck(now, at, gone),
    )
  })
}

function holdsCheck(now: readonly GuardedLine[], at: number, gone: ReadonlySet<string>): boolean {
  const below = now.slice(at + 1, at + 1 + REACH)
  const end = below.findIndex(({ text }) => CLOSES.test(text))
  const inside = end === -1 ? [] : below.slice(0, end)
  if (inside.some(({ text }) => OTHERWISE.test(text))) return false
  return inside.some(({ sign, text }) => RUNS_CHECK.test(text) && (sign === ' ' || gone.has(text.trim())))
}
