const THRESHOLD =
  /\b(?:fail[_-]?under|cov-fail-under|minimum_coverage|coverageThreshold|branches|functions|lines|statements|minimum|threshold|target|max-warnings|min(?:imum|Covered)?Msi|minScore|--min-coverage)\b["']?\s*[:=>\s]\s*["']?(\d{1,4}(?:\.\d+)?)/i
const HAS_THRESHOLDS =
  /(?:^|\/)(?:package\.json|pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc|(?:jest|vitest|vite|karma)\.config\.\w+|\.nycrc(?:\.\w+)?|\.c8rc\.json|\.simplecov|pom\.xml|build\.gradle(?:\.kts)?|[Mm]akefile|codecov\.ya?ml|spec_helper\.rb|test_helper\.(?:rb|exs)|phpunit\.xml(?:\.dist)?|infection\.json5?|mix\.exs|lighthouserc\.\w+|[\w.-]*(?:test|check|cover)[\w.-]*\.sh)$/
const OF_MUTATIONS = /(?:^|\/)stryker[\w.-]*\.(?:json|[cm]?js)$/
const SURVIVES = /\bbreak\b["']?\s*:\s*(\d{1,3}(?:\.\d+)?)/

const SWITCHED_OFF =
  /["']?check-?[cC]overage["']?\s*[:=]\s*(?:false|False|0)\b|\binformational:\s*true\b|^\s*["']?(?:(?:def|class|return|if|else|except|for|with)\b\s*)?\.\*["']?,?\s*$/

/** True if a file demands less coverage, or allows more warnings, than before. */
export function lowersThresholds(
  path: string,
  { removed, added }: { readonly removed: readonly string[]; readonly added: readonly string[] },
): boolean {
  if (OF_MUTATIONS.test(path)) return lowersThreshold({ removed, added, pattern: SURVIVES })
  if (!HAS_THRESHOLDS.test(path)) return false
  return (
    lowersThreshold({ removed, added, pattern: THRESHOLD }) || added.some((line) => SWITCHED_OFF.test(line))
  )
}

function lowersThreshold({
  removed,
  added,
  pattern,
}: {
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** Captures a number. */
  readonly pattern: RegExp
}): boolean {
  const before = thresholdsIn(removed, pattern)
  const after = thresholdsIn(added, pattern)
  if (before.length === 0) return false
  return before.some(({ name, value }) => {
    const now = after.find((one) => one.name === name)
    return now === undefined
      ? after.length === 0 && before.length > 0 && removed.length > added.length
      : isMost(name)
        ? now.value > value
        : now.value < value
  })
}

/** Matches a comment, which demands nothing. */
const IN_WORDS = /^\s*(?:\/\/|\*|\/\*|#(?!!))/

/** True if the threshold is a maximum, so that a lower value is stricter. */
function isMost(name: string): boolean {
  return /^-*max/.test(name)
}

function thresholdsIn(
  lines: readonly string[],
  pattern: RegExp,
): readonly { readonly name: string; readonly value: number }[] {
  return lines.flatMap((line) => {
    const found = IN_WORDS.test(line) ? null : pattern.exec(line)
    return found === null
      ? []
      : [{ name: (found[0].match(/[\w-]+/)?.[0] ?? '').toLowerCase(), value: Number(found.at(-1)) }]
  })
}
